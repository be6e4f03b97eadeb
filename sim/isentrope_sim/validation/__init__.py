"""The model beside what it must agree with: certificates, TESPy, physics; measured, written, drawn."""

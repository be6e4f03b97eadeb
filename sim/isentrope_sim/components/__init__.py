"""The machine's parts as pure compiled functions of (parameters, state, inputs); `cycle` joins them."""

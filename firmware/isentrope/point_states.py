"""What the states of the points are called, in memory only while somebody reads it (`tables`).

One line a point: id, then its states in order, split by "|"; those of a bit first inactive, then active.
"""

TABLE = (
    b"003C off|starting|heating|cooling|hot water|defrosting|oil return|pump-down|stopping"
    b"|fault|manual|test\n"
    b"003D not asked|blocked|normal|recommended|forced\n"
    b"1000 off|on\n"
    b"1001 off|on\n"
    b"1002 off|on\n"
    b"1003 off|on\n"
    b"1004 heating|hot water\n"
    b"1005 off|on\n"
    b"1006 off|on\n"
    b"1007 missing|ok\n"
    b"1008 normal|alarm\n"
    b"1009 released|blocked\n"
    b"100A open|closed\n"
    b"100B open|closed\n"
    b"100C off|on\n"
    b"100D off|on\n"
    b"100E normal|fault\n"
    b"100F running|expired\n"
    b"2000 off|heating|cooling|automatic|hot water only\n"
    b"200E blocked|normal|recommended|forced\n"
    b"3000 off|on\n"
    b"3001 off|on\n"
    b"3002 idle|start\n"
    b"3003 off|on\n"
    b"3004 idle|reset\n"
    b"3005 off|on\n",
)

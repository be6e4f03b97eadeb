"""What every alarm means to the person in front of the machine: code|name|class|reset by|cause|effect|reset|remedy."""

TABLE = (
    "1|high pressure|stop|self|condensing pressure above the machine's limit|compressor stops|below the limit and minimum off time; latches after three in 60 min|check water flow, filter, flow setpoint, overcharge\n"
)

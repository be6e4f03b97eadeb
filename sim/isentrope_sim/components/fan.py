"""The fan that blows through a coil: where its curve meets the coil's pressure drop, and what it draws."""

from math import sqrt

from isentrope_sim.jit import Record, njit


@njit
def fan_point(par: Record, fraction: float, blockage: float) -> tuple[float, float]:
    """(air flow as part of the full one, electric W) of the fan at a speed that would give `fraction` clean.

    blockage: what multiplies the coil's pressure drop. Pressure over flow is a parabola through standstill of
    the air, the nominal point and free delivery, scaled with speed by the fan laws. The coil's drop goes with
    flow^1.5 (friction factor with Re^-0.5), that of grille and outlet with its square. Power grows linearly
    towards standstill of the air, as in axial fans. Standing, the fan lets `natural_fraction` through.
    """
    natural = par.fan_natural * blockage ** (-2.0 / 3.0)
    if fraction <= 0.0:
        return natural, 0.0
    a = par.fan_shutoff / par.fan_pressure
    x = par.fan_free_flow / par.fan_flow
    c = (x * (a - 1.0) - a) / (x * (x - 1.0))
    b = 1.0 - a - c
    s = par.coil_share
    system = s * fraction * sqrt(fraction) + (1.0 - s) * fraction * fraction
    # The speed, relative to the nominal one, at which the clean coil gets its fraction.
    bf = b * fraction
    speed = (sqrt(bf * bf - 4.0 * a * (c * fraction * fraction - system)) - bf) / (2.0 * a)
    low, high = 0.0, fraction
    q = fraction * blockage ** (-1.0 / 3.0)
    for _ in range(40):
        root = sqrt(q)
        miss = speed * (a * speed + b * q) + (c - 1.0 + s) * q * q - s * blockage * q * root
        if miss > 0.0:
            low = q
        else:
            high = q
        slope = b * speed + 2.0 * (c - 1.0 + s) * q - 1.5 * s * blockage * root
        new = q - miss / slope if slope < 0.0 else 0.5 * (low + high)
        if not low <= new <= high:
            new = 0.5 * (low + high)
        done = abs(new - q) < 1e-12
        q = new
        if done:
            break
    watts = (
        par.fan_w * fraction**par.fan_exponent * (1.0 + (par.fan_shutoff_power - 1.0) * (1.0 - q / fraction))
    )
    return max(q, natural), watts

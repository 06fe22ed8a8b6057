// Activations and their gradients in vectors of B floats; `kind` is a constant of bridge.h.

INLINE REG NAME(pick)(NAME(mask) which, REG yes, REG no) { return (REG)(((NAME(mask))yes & which) | ((NAME(mask))no & ~which)); }

// exp(x) within two units in the last place, for x clamped to between −87 and 88: 2ⁿ · exp(r) with |r| ≤ ln 2 / 2, by
// the polynomial of the Cephes library. NaN stays NaN.
INLINE REG NAME(exponential)(REG x)
{
    const float rounding = 12582912; // 1.5 · 2²³: what is added to it loses its fraction
    x = NAME(pick)(x < -87, (REG){0} - 87, NAME(pick)(x > 88, (REG){0} + 88, x));
    const REG shifted = x * 1.44269504f + rounding, n = shifted - rounding;
    const REG r = x - n * 0.693359375f + n * 2.12194440e-4f;
    REG p = 1.9875691500e-4f * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1;
    return (REG)((NAME(mask))p + ((NAME(mask))shifted << 23));
}

INLINE REG NAME(sigmoid)(REG x) { return 1 / (1 + NAME(exponential)(-x)); }

INLINE REG NAME(clip)(REG x, float low, float high)
{
    return NAME(pick)(x < low, (REG){0} + low, NAME(pick)(x > high, (REG){0} + high, x));
}

INLINE REG NAME(activate)(REG x, int kind, float slope)
{
    switch (kind) {
    case WB_RELU: return NAME(pick)(x <= 0, (REG){0}, x);
    case WB_RELU6: return NAME(clip)(x, 0, 6);
    case WB_LEAKY_RELU: return NAME(pick)(x <= 0, x * slope, x);
    case WB_SILU: return x * NAME(sigmoid)(x);
    case WB_HARD_SWISH: return x * NAME(clip)(x + 3, 0, 6) * (1.0f / 6);
    }
    return x;
}

// g times the activation's slope at x.
INLINE REG NAME(backwards)(REG g, REG x, int kind, float slope)
{
    switch (kind) {
    case WB_RELU: return NAME(pick)(x <= 0, (REG){0}, g);
    case WB_RELU6: return NAME(pick)((x <= 0) | (x >= 6), (REG){0}, g);
    case WB_LEAKY_RELU: return NAME(pick)(x <= 0, g * slope, g);
    case WB_SILU: {
        const REG s = NAME(sigmoid)(x);
        return g * s * (1 + x * (1 - s));
    }
    case WB_HARD_SWISH: return g * NAME(pick)(x <= -3, (REG){0}, NAME(pick)(x >= 3, (REG){0} + 1, x * (1.0f / 3) + 0.5f));
    }
    return g;
}

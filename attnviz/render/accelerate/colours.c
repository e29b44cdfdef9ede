/* RGBA to the planes of YUV 4:2:0, BT.709, limited range: the same integers as colours.py computes with numpy.
 *
 * Weights are in units of 1/32768. A chroma sample is computed from the sum of its four pixels, so it is rounded once.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { Y_R = 5983, Y_G = 20127, Y_B = 2032 };
enum { U_R = -3298, U_G = -11094, U_B = 14392 };
enum { V_R = 14392, V_G = -13073, V_B = -1319 };
enum { Y_SHIFT = 15, UV_SHIFT = 17 };

static const int32_t Y_ZERO = (16 << Y_SHIFT) + (1 << (Y_SHIFT - 1));
static const int32_t UV_ZERO = (128 << UV_SHIFT) + (1 << (UV_SHIFT - 1));

/* Return how many samples differ by more than `clear` levels from what was there before. */
static ptrdiff_t luma_scalar(const uint8_t *rgba, uint8_t *y, ptrdiff_t first, ptrdiff_t width, int clear)
{
    ptrdiff_t changed = 0;
    for (ptrdiff_t x = first; x < width; x++) {
        const uint8_t *p = rgba + 4 * x;
        int before = y[x];
        y[x] = (uint8_t)((Y_R * p[0] + Y_G * p[1] + Y_B * p[2] + Y_ZERO) >> Y_SHIFT);
        changed += abs(y[x] - before) > clear;
    }
    return changed;
}

static void chroma_scalar(const uint8_t *upper, const uint8_t *lower, uint8_t *u, uint8_t *v, ptrdiff_t first,
                          ptrdiff_t half)
{
    for (ptrdiff_t x = first; x < half; x++) {
        const uint8_t *p = upper + 8 * x, *q = lower + 8 * x;
        int32_t r = p[0] + p[4] + q[0] + q[4], g = p[1] + p[5] + q[1] + q[5], b = p[2] + p[6] + q[2] + q[6];
        u[x] = (uint8_t)((U_R * r + U_G * g + U_B * b + UV_ZERO) >> UV_SHIFT);
        v[x] = (uint8_t)((V_R * r + V_G * g + V_B * b + UV_ZERO) >> UV_SHIFT);
    }
}

#ifdef __SSE2__ /* every x86-64 has it; the sums are of whole numbers, so they are the same */
#include <emmintrin.h>

/* Two 16-bit weights, for the pair of 16-bit numbers in each 32-bit lane. */
static __m128i weights(int low, int high)
{
    return _mm_set1_epi32((int32_t)((uint32_t)(low & 0xffff) | ((uint32_t)high << 16)));
}

static __m128i load(const uint8_t *p) { return _mm_loadu_si128((const __m128i *)p); }

static __m128i red_blue(__m128i pixels) { return _mm_and_si128(pixels, _mm_set1_epi32(0x00ff00ff)); }

static __m128i green(__m128i pixels) { return _mm_and_si128(_mm_srli_epi32(pixels, 8), _mm_set1_epi32(0xff)); }

static __m128i weigh(__m128i rb, __m128i g, __m128i w_rb, __m128i w_g, int32_t zero)
{
    __m128i sum = _mm_add_epi32(_mm_madd_epi16(rb, w_rb), _mm_madd_epi16(g, w_g));
    return _mm_add_epi32(sum, _mm_set1_epi32(zero));
}

/* Convert as many samples as come in sixteens, and return how many; `changed` counts as in luma_scalar. */
static ptrdiff_t luma_fast(const uint8_t *rgba, uint8_t *y, ptrdiff_t width, int clear, ptrdiff_t *changed)
{
    const __m128i w_rb = weights(Y_R, Y_B), w_g = weights(Y_G, 0), level = _mm_set1_epi8((char)clear);
    ptrdiff_t x = 0;
    for (; x + 16 <= width; x += 16) {
        __m128i four[4];
        for (int k = 0; k < 4; k++) {
            __m128i p = load(rgba + 4 * x + 16 * k);
            four[k] = _mm_srli_epi32(weigh(red_blue(p), green(p), w_rb, w_g, Y_ZERO), Y_SHIFT);
        }
        __m128i low = _mm_packs_epi32(four[0], four[1]), high = _mm_packs_epi32(four[2], four[3]);
        __m128i now = _mm_packus_epi16(low, high), before = load(y + x);
        __m128i apart = _mm_or_si128(_mm_subs_epu8(now, before), _mm_subs_epu8(before, now));
        __m128i within = _mm_cmpeq_epi8(_mm_subs_epu8(apart, level), _mm_setzero_si128());
        *changed += 16 - __builtin_popcount((unsigned)_mm_movemask_epi8(within));
        _mm_storeu_si128((__m128i *)(y + x), now);
    }
    return x;
}

/* Add each even 32-bit lane of two registers to its odd neighbour. */
static __m128i add_neighbours(__m128i a, __m128i b)
{
    __m128 even = _mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), _MM_SHUFFLE(2, 0, 2, 0));
    __m128 odd = _mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), _MM_SHUFFLE(3, 1, 3, 1));
    return _mm_add_epi16(_mm_castps_si128(even), _mm_castps_si128(odd));
}

static ptrdiff_t chroma_fast(const uint8_t *upper, const uint8_t *lower, uint8_t *u, uint8_t *v, ptrdiff_t half)
{
    const __m128i u_rb = weights(U_R, U_B), u_g = weights(U_G, 0), v_rb = weights(V_R, V_B), v_g = weights(V_G, 0);
    ptrdiff_t x = 0;
    for (; x + 8 <= half; x += 8) {
        __m128i us[2], vs[2];
        for (int k = 0; k < 2; k++) {
            const uint8_t *p = upper + 8 * x + 32 * k, *q = lower + 8 * x + 32 * k;
            __m128i a = load(p), b = load(p + 16), c = load(q), d = load(q + 16);
            __m128i rb = add_neighbours(_mm_add_epi16(red_blue(a), red_blue(c)),
                                        _mm_add_epi16(red_blue(b), red_blue(d)));
            __m128i g = add_neighbours(_mm_add_epi16(green(a), green(c)), _mm_add_epi16(green(b), green(d)));
            us[k] = _mm_srli_epi32(weigh(rb, g, u_rb, u_g, UV_ZERO), UV_SHIFT);
            vs[k] = _mm_srli_epi32(weigh(rb, g, v_rb, v_g, UV_ZERO), UV_SHIFT);
        }
        __m128i u8 = _mm_packs_epi32(us[0], us[1]), v8 = _mm_packs_epi32(vs[0], vs[1]);
        _mm_storel_epi64((__m128i *)(u + x), _mm_packus_epi16(u8, u8));
        _mm_storel_epi64((__m128i *)(v + x), _mm_packus_epi16(v8, v8));
    }
    return x;
}
#else
static ptrdiff_t luma_fast(const uint8_t *rgba, uint8_t *y, ptrdiff_t width, int clear, ptrdiff_t *changed)
{
    return 0;
}

static ptrdiff_t chroma_fast(const uint8_t *upper, const uint8_t *lower, uint8_t *u, uint8_t *v, ptrdiff_t half)
{
    return 0;
}
#endif

/* Convert a picture of even width and height; strides are in bytes. Return how many samples of luma differ by more than
 * `clear` levels from what was there before. */
ptrdiff_t to_yuv420(const uint8_t *rgba, ptrdiff_t rgba_stride, uint8_t *y, ptrdiff_t y_stride, uint8_t *u,
                    ptrdiff_t u_stride, uint8_t *v, ptrdiff_t v_stride, ptrdiff_t width, ptrdiff_t height, int clear)
{
    ptrdiff_t changed = 0;
    for (ptrdiff_t row = 0; row < height; row += 2) {
        const uint8_t *upper = rgba + row * rgba_stride, *lower = upper + rgba_stride;
        uint8_t *y_upper = y + row * y_stride, *y_lower = y_upper + y_stride;
        uint8_t *u_row = u + row / 2 * u_stride, *v_row = v + row / 2 * v_stride;
        changed += luma_scalar(upper, y_upper, luma_fast(upper, y_upper, width, clear, &changed), width, clear);
        changed += luma_scalar(lower, y_lower, luma_fast(lower, y_lower, width, clear, &changed), width, clear);
        chroma_scalar(upper, lower, u_row, v_row, chroma_fast(upper, lower, u_row, v_row, width / 2), width / 2);
    }
    return changed;
}

// A pack of L places side by side, and the elementary functions on it: the same operations, in the same order, as
// model/fragile_peace/kernels/machine/elementary.py, so that the bits are the same.
#pragma once
#include <cmath>
#include <cstdint>
#if defined(__AVX512F__) || defined(__FMA__)
#include <immintrin.h>
#endif

template <int L> struct Pack;
#define PACK(L) \
    template <> struct Pack<L> { \
        typedef double V __attribute__((vector_size(8 * L))); \
        typedef int64_t I __attribute__((vector_size(8 * L))); \
    };
PACK(2)
PACK(4)
PACK(8)
PACK(16)

template <int L> struct Lanes {
    typedef typename Pack<L>::V V;
    typedef typename Pack<L>::I I;

    static inline V all(double x) { return x - V{}; }

    static inline V fma(V a, V b, V c) {
#if defined(__AVX512F__)
        if constexpr (L == 8) return (V)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#endif
#if defined(__FMA__)
        if constexpr (L == 4) return (V)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#endif
        V r;
        for (int j = 0; j < L; j++) r[j] = std::fma(a[j], b[j], c[j]);
        return r;
    }
    static inline V fma(V a, double b, V c) { return fma(a, all(b), c); }
    static inline V fma(V a, double b, double c) { return fma(a, all(b), all(c)); }
    // b where one of the two is no number, as the instructions have it
    static inline V min(V a, V b) {
#if defined(__AVX512F__)
        if constexpr (L == 8) return (V)_mm512_min_pd((__m512d)a, (__m512d)b);
#endif
        return a < b ? a : b;
    }
    static inline V max(V a, V b) {
#if defined(__AVX512F__)
        if constexpr (L == 8) return (V)_mm512_max_pd((__m512d)a, (__m512d)b);
#endif
        return a > b ? a : b;
    }
    static inline bool any(I holds) {
#if defined(__AVX512F__)
        if constexpr (L == 8) return _mm512_test_epi64_mask((__m512i)holds, (__m512i)holds);
#endif
        int64_t some = 0;
        for (int j = 0; j < L; j++) some |= holds[j];
        return some;
    }
    static inline V abs(V a) { return (V)((I)a & 0x7FFFFFFFFFFFFFFFLL); }
    static inline V two_to(V t) { return (V)((I)t << 52); }

    static constexpr double SHIFT = 6755399441055744.0;
    static constexpr double LOG2_E = 0x1.71547652b82fep+0, LN2 = 0x1.62e42fefa39efp-1, LN2_REST = 0x1.abc9e3b39803fp-56;

    // Q(r) by Estrin's scheme
    static inline V q(V r) {
        V r2 = r * r, r4 = r2 * r2;
        V low = fma(r2, fma(r, Q[3], Q[2]), fma(r, Q[1], Q[0]));
        V middle = fma(r2, fma(r, Q[7], Q[6]), fma(r, Q[5], Q[4]));
        V high = fma(r, Q[9], Q[8]);
        return fma(r4, fma(r4, high, middle), low);
    }
    static inline V exp(V x) {
        V y = max(all(-746.0), min(all(710.0), x));
        V k = fma(y, LOG2_E, SHIFT) - SHIFT;
        V rough = fma(k, -LN2, y);
        V r = fma(k, -LN2_REST, rough);
        V rest = fma(k, -LN2_REST, rough - r);
        V total = 1.0 + r;
        rest += (1.0 - total) + r;
        total += fma(r * r, q(r), rest);
        V half = fma(k, 0.5, SHIFT + 1023.0);
        V other = (k - (half - (SHIFT + 1023.0))) + (SHIFT + 1023.0);
        return (total * two_to(half)) * two_to(other);
    }
    static inline V odds(V z) {
        V y = max(all(-690.0), min(all(690.0), z));
        V shifted = fma(y, LOG2_E, SHIFT + 1023.0);
        V k = shifted - (SHIFT + 1023.0);
        V r = fma(k, -LN2_REST, fma(k, -LN2, y));
        V power = two_to(shifted);
        return fma(power, fma(r * r, q(r), r), power);
    }
    static inline V expm1(V x) {
        V y = max(all(-40.0), min(all(710.0), x));
        V k = fma(y, LOG2_E, SHIFT) - SHIFT;
        V rough = fma(k, -LN2, y);
        V r = fma(k, -LN2_REST, rough);
        V rest = fma(k, -LN2_REST, rough - r);
        V small = fma(r * r, q(r), rest);
        V half = two_to(k + (SHIFT + 1022.0));
        V base = half - 0.5;
        V step = half * r;
        V total = base + step;
        V error = (base - total) + step;
        y = 2.0 * (total + fma(half, small, error));
        return abs(x) < 0x1p-54 ? x : y;
    }
    static constexpr double Q[10] = {
        0x1.0000000000001p-1, 0x1.5555555555556p-3, 0x1.5555555553d68p-5, 0x1.11111111109b5p-7, 0x1.6c16c17889ef1p-10,
        0x1.a01a01a7c2efep-13, 0x1.a019b9149a41cp-16, 0x1.71de0db2f6b19p-19, 0x1.28917c89a43bcp-22,
        0x1.af389ecfc4bb6p-26};
};

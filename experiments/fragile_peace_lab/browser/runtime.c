/* What the engine's machine code expects of its surroundings, in WebAssembly: memory for the few arrays that kernels
   allocate, 128-bit products, and a fused multiply-add with one rounding over the whole range. No imports. */

typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;
typedef unsigned __int128 u128;

extern unsigned char __heap_base;
static u32 top;

/* -- memory: arrays that kernels allocate live until the block of runs has ended -- */

u32 heap_base(void) { return (u32)&__heap_base; }
int entry(void *slots);
int run(void *slots, u32 free_from) { top = free_from; return entry(slots); }

#define DATA 24 /* where compiled code looks for the address of an array's numbers */

void *NRT_MemInfo_alloc_aligned(u64 size, u32 align) {
  u32 head = (top + 63) & ~63u, data = (head + 64 + align - 1) & ~(align - 1);
  u64 end = (u64)data + size, there = (u64)__builtin_wasm_memory_size(0) << 16;
  if (end > there && __builtin_wasm_memory_grow(0, (u32)((end - there + 65535) >> 16)) == (unsigned long)-1)
    __builtin_trap();
  top = (u32)end;
  *(u64 *)head = 1;
  *(u32 *)(head + DATA) = data;
  return (void *)head;
}

/* kernels raise nothing and call no Python */
void numba_do_raise(void *p) { __builtin_trap(); }
void *numba_unpickle(void *a, int b, void *c) { __builtin_trap(); }
void *numba_runtime_build_excinfo_struct(void *a, void *b) { __builtin_trap(); }
void NRT_MemInfo_call_dtor(void *p) { }
void NRT_Free(void *p) { }

void *memset(void *d, int c, unsigned long n) {
  unsigned char *p = d;
  for (unsigned long i = 0; i < n; i++) p[i] = (unsigned char)c;
  return d;
}
void *memcpy(void *d, const void *s, unsigned long n) {
  unsigned char *p = d; const unsigned char *q = s;
  for (unsigned long i = 0; i < n; i++) p[i] = q[i];
  return d;
}
void *memmove(void *d, const void *s, unsigned long n) {
  unsigned char *p = d; const unsigned char *q = s;
  if (p < q) for (unsigned long i = 0; i < n; i++) p[i] = q[i];
  else for (unsigned long i = n; i > 0; i--) p[i - 1] = q[i - 1];
  return d;
}

/* -- 128-bit product, of 32-bit halves, and shifts by 0 to 127: none may use itself -- */

typedef union { u128 whole; struct { u64 low, high; } half; } Wide;

__int128 __multi3(__int128 a, __int128 b) {
  Wide x = { (u128)a }, y = { (u128)b }, r;
  u64 m = 0xffffffffULL, x0 = x.half.low & m, x1 = x.half.low >> 32, y0 = y.half.low & m, y1 = y.half.low >> 32;
  u64 p00 = x0 * y0, p01 = x0 * y1, p10 = x1 * y0, p11 = x1 * y1;
  u64 mid = (p00 >> 32) + (p01 & m) + (p10 & m);
  r.half.low = (p00 & m) | (mid << 32);
  r.half.high = p11 + (p01 >> 32) + (p10 >> 32) + (mid >> 32) + x.half.low * y.half.high + x.half.high * y.half.low;
  return (__int128)r.whole;
}
__int128 __ashlti3(__int128 a, int by) {
  Wide x = { (u128)a }, r;
  if (by & 64) { r.half.high = x.half.low << (by & 63); r.half.low = 0; }
  else if (by) { r.half.high = x.half.high << by | x.half.low >> (64 - by); r.half.low = x.half.low << by; }
  else r = x;
  return (__int128)r.whole;
}
__int128 __lshrti3(__int128 a, int by) {
  Wide x = { (u128)a }, r;
  if (by & 64) { r.half.low = x.half.high >> (by & 63); r.half.high = 0; }
  else if (by) { r.half.low = x.half.low >> by | x.half.high << (64 - by); r.half.high = x.half.high >> by; }
  else r = x;
  return (__int128)r.whole;
}

/* -- a*b + c with one rounding (IEEE 754 fusedMultiplyAdd, ties to even) -- */

static inline u64 bits(double x) { union { double d; u64 i; } u; u.d = x; return u.i; }
static inline double from_bits(u64 i) { union { double d; u64 i; } u; u.i = i; return u.d; }

/* A finite number that is not 0 as an integer of 53 bits, its top bit set, times 2^exponent. */
typedef struct { u64 m; int e; } Parts;
static Parts parts(u64 i) {
  Parts p = { i & 0xfffffffffffffULL, (int)(i >> 52 & 2047) };
  if (p.e) p.m |= 1ULL << 52;
  else { int shift = __builtin_clzll(p.m) - 11; p.m <<= shift; p.e = 1 - shift; }
  p.e -= 1075;
  return p;
}

/* high:low * 2^e with a sticky lowest bit, rounded once. `high` has its top bit at 62 or the number is 0. */
static double rounded(u64 sign, u64 m, int e) {
  if (!m) return from_bits(sign);
  int shift = __builtin_clzll(m) - 1; /* top bit to place 62 */
  m <<= shift; e -= shift;
  int exponent = e + 62 + 1023, drop = 10; /* 63 bits, of which 53 stay */
  if (exponent >= 2047) return from_bits(sign | 2047ULL << 52);
  if (exponent <= 0) {
    drop += 1 - exponent;
    if (drop > 63) { m = 1; drop = 63; }
    exponent = 0;
  }
  u64 half = 1ULL << (drop - 1), rest = m & ((half << 1) - 1), kept = m >> drop;
  if (rest > half || (rest == half && (kept & 1))) kept++;
  /* a carry out of the significand moves into the exponent, as it should */
  return from_bits(sign | (exponent ? ((u64)exponent << 52) + (kept - (1ULL << 52)) : kept));
}

static u128 sticky_right(u128 x, int by) {
  if (by <= 0) return x;
  if (by > 127) return x != 0;
  return x >> by | ((x & (((u128)1 << by) - 1)) != 0);
}

static double exact_fma(double a, double b, double c) {
  const u64 SIGN = 1ULL << 63;
  u64 ia = bits(a), ib = bits(b), ic = bits(c);
  u64 product_sign = (ia ^ ib) & SIGN, sign = ic & SIGN;
  if (a - a != 0.0 || b - b != 0.0 || c - c != 0.0 || a == 0.0 || b == 0.0) {
    if (a - a == 0.0 && b - b == 0.0 && c - c != 0.0) return c + c; /* the product is finite, however large */
    return a * b + c; /* an infinity, a NaN, or an exact product of 0 */
  }
  Parts pa = parts(ia), pb = parts(ib);
  u128 product = (u128)pa.m * pb.m << 16; /* 105 or 106 bits, moved to places 120 to 121 */
  int e = pa.e + pb.e - 16;
  if (c != 0.0) {
    Parts pc = parts(ic);
    u128 addend = (u128)pc.m << 68; /* place 120 */
    int ec = pc.e - 68;
    if (e >= ec) addend = sticky_right(addend, e - ec);
    else { product = sticky_right(product, ec - e); e = ec; }
    if (product_sign == sign) product += addend;
    else if (product == addend) return 0.0;
    else if (product > addend) product -= addend;
    else { product = addend - product; product_sign = sign; }
  }
  u64 high = (u64)(product >> 64), low = (u64)product;
  if (high) {
    int up = __builtin_clzll(high) - 1; /* top bit to place 126: as much as fits above */
    if (up < 0) { low = low >> 1 | (low & 1) | high << 63; high >>= 1; e += 1; }
    else if (up) { high = high << up | low >> (64 - up); low <<= up; e -= up; }
    return rounded(product_sign, high | (low != 0), e + 64);
  }
  return low >> 63 ? rounded(product_sign, low >> 1 | (low & 1), e + 1) : rounded(product_sign, low, e);
}

/* The same, two at a time, by floating point where nothing can overflow or lose bits: the product and its error (Dekker
   1971), added to c with the last bit of the lower part set where it is inexact (Boldo & Melquiond 2008), so that the last
   sum rounds once. Sums lose nothing by being small; only the product must not be. */
typedef double D2 __attribute__((vector_size(16)));
typedef i64 I2 __attribute__((vector_size(16)));

static inline D2 size(D2 x) { return (D2)((I2)x & 0x7fffffffffffffffLL); }

D2 fma_two(D2 a, D2 b, D2 c) {
  D2 p = a * b;
  I2 near = (size(a) < 0x1p470) & (size(b) < 0x1p470) & (size(c) < 0x1p470) & (size(p) < 0x1p470) & (size(p) > 0x1p-440);
  if (!(near[0] & near[1])) return (D2){ exact_fma(a[0], b[0], c[0]), exact_fma(a[1], b[1], c[1]) };
  D2 ah = 134217729.0 * a, bh = 134217729.0 * b;
  ah = ah - (ah - a);
  bh = bh - (bh - b);
  D2 al = a - ah, bl = b - bh, error = ((ah * bh - p) + ah * bl + al * bh) + al * bl;
  D2 uh = c + error, t1 = uh - c, ul = (c - (uh - t1)) + (error - t1);
  D2 th = p + uh, t2 = th - p, tl = (p - (th - t2)) + (uh - t2);
  D2 v = tl + ul, t3 = v - tl, w = (tl - (v - t3)) + (ul - t3);
  I2 even = ((I2)v & 1) == 0, apart = (w > 0.0) ^ (v > 0.0);
  v = (D2)((I2)v + ((1 + 2 * apart) & even & (w != 0.0)));
  return th + v;
}

double fma(double a, double b, double c) { return fma_two((D2){ a, a }, (D2){ b, b }, (D2){ c, c })[0]; }

/* for the page, which holds the engine's own against it before it trusts either */
double checked_fma(double a, double b, double c) { return exact_fma(a, b, c); }

/**
 * P(X ≤ k) of X ~ Bin(n, p), the number of successes in n independent trials of probability p each.
 *
 * Summed term by term in logarithms, so that neither a small p nor a large n underflows; takes n steps.
 *
 * @param n At least 0.
 * @param p 0..1.
 */
export function binomialAtMost(n: number, p: number, k: number): number {
  return sumTerms(n, p, 0, Math.min(k, n))
}

/** P(X > k) of X ~ Bin(n, p); exact where it is small, which 1 − P(X ≤ k) is not. See {@link binomialAtMost}. */
export function binomialOver(n: number, p: number, k: number): number {
  return sumTerms(n, p, Math.max(k + 1, 0), n)
}

/** Sum of C(n, i) pⁱ (1 − p)ⁿ⁻ⁱ over first ≤ i ≤ last. */
function sumTerms(n: number, p: number, first: number, last: number): number {
  if (p === 0) return first <= 0 && last >= 0 ? 1 : 0
  if (p === 1) return first <= n && last >= n ? 1 : 0
  const logP = Math.log(p)
  const logQ = Math.log1p(-p)
  /** Of C(n, i). */
  let logCount = 0
  // The sum is `scaled` × e^`largest`.
  let largest = Number.NEGATIVE_INFINITY
  let scaled = 0
  for (let i = 0; i <= last; i++) {
    if (i > 0) logCount += Math.log((n - i + 1) / i)
    if (i < first) continue
    const term = logCount + i * logP + (n - i) * logQ
    if (term > largest) {
      scaled = scaled * Math.exp(largest - term) + 1
      largest = term
    } else {
      scaled += Math.exp(term - largest)
    }
  }
  return Math.min(1, scaled * Math.exp(largest))
}

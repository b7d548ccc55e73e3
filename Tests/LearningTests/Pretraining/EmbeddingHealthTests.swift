import Foundation
import Learning
import Testing

@Suite struct EmbeddingHealthTests {
    /// Vectors ±e₁…±eₙ have mean 0 and n equal singular values: the effective rank is n.
    @Test func orthogonalEmbeddingsHaveFullRank() {
        var rows: [[Float]] = []
        for axis in 0..<4 {
            for sign in [1, -1] as [Float] {
                var row = [Float](repeating: 0, count: 6)
                row[axis] = sign
                rows.append(row)
            }
        }
        let health = EmbeddingHealth(rows, secondViews: rows)
        // Jacobi's rotations end at rounding.
        #expect(abs(health.effectiveRank - 4) < 1e-9)
        #expect(health.greatestRank == 6)
        #expect(abs((health.viewSimilarity ?? 0) - 1) < 1e-12)
        // Of 28 pairs, 4 are opposite and 24 orthogonal.
        #expect(abs(health.cropSimilarity + 4.0 / 28) < 1e-12)
        #expect(health.alarm == nil)
    }

    /// numpy: s = svd(x - x.mean(0)), p = s / s.sum(), exp(-(p * log(p)).sum()) of x[i, j] = sin(1.7 (1 + i)(1 + j) + j²), 6 × 5.
    @Test func theEffectiveRankIsThatOfTheSingularValues() {
        func value(_ i: Int, _ j: Int) -> Float { Float(sin(Double((1 + i) * (1 + j)) * 1.7 + Double(j * j))) }
        let rows = (0..<6).map { i in (0..<5).map { value(i, $0) } }
        // The rows are in single precision.
        #expect(abs(EmbeddingHealth(rows).effectiveRank - 4.466464002665092) < 1e-6)
    }

    @Test func equalEmbeddingsRaiseTheAlarm() {
        let rows = [[Float]](repeating: [1, 2, 3, 4, 5], count: 8)
        #expect(EmbeddingHealth(rows).alarm != nil)
    }

    @Test func embeddingsOnALineRaiseTheAlarm() {
        func value(_ i: Int, _ j: Int) -> Float { Float(j) * Float(i) * 0.1 + 1 }
        let rows = (0..<40).map { i in (0..<64).map { value(i, $0) } }
        #expect(EmbeddingHealth(rows).alarm?.contains("directions") == true)
    }

    @Test func notANumberRaisesTheAlarm() {
        #expect(EmbeddingHealth([[1, .nan], [2, 3], [4, 1]]).alarm?.contains("finite") == true)
    }
}

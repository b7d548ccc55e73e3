import Foundation
import Learning
import Testing

@Suite struct EmbeddingHealthTests {
    /// Vectors ±e₁…±eₙ have mean 0 and n equal singular values: the effective rank is n.
    @Test func orthogonalEmbeddingsHaveFullRank() {
        let rows = (0..<4).flatMap { axis in
            [Float(1), -1].map { sign in (0..<6).map { $0 == axis ? sign : 0 } }
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
        let rows = (0..<6).map { i in (0..<5).map { j in Float(sin(Double((1 + i) * (1 + j)) * 1.7 + Double(j * j))) } }
        // The rows are in single precision.
        #expect(abs(EmbeddingHealth(rows).effectiveRank - 4.466464002665092) < 1e-6)
    }

    @Test func equalEmbeddingsRaiseTheAlarm() {
        let rows = [[Float]](repeating: [1, 2, 3, 4, 5], count: 8)
        #expect(EmbeddingHealth(rows).alarm != nil)
    }

    @Test func embeddingsOnALineRaiseTheAlarm() {
        let rows = (0..<40).map { i in (0..<64).map { Float($0) * Float(i) * 0.1 + 1 } }
        #expect(EmbeddingHealth(rows).alarm?.contains("directions") == true)
    }

    @Test func notANumberRaisesTheAlarm() {
        #expect(EmbeddingHealth([[1, .nan], [2, 3], [4, 1]]).alarm?.contains("finite") == true)
    }
}

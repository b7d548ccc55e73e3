import Foundation

/// Whether embeddings still tell crops apart: the signs by which a collapsed encoder is known before its transfer disappoints.
public struct EmbeddingHealth: Codable, Sendable, Equatable {
    /// exp(entropy) of the singular values, normalised to a sum of 1, of the embeddings less their mean (Roy and Vetterli 2007): how many
    /// directions they spread over, from 1 to one less than the number of crops.
    public var effectiveRank: Double
    /// The greatest effective rank that so many embeddings of such a width can have.
    public var greatestRank: Double
    /// The mean cosine similarity of the two views of one crop; `nil` where there is one view.
    public var viewSimilarity: Double?
    /// The mean cosine similarity of different crops.
    public var cropSimilarity: Double

    /// The share of the possible rank below which the alarm is raised.
    public static let leastRankShare = 0.05
    /// The similarity of different crops above which the alarm is raised.
    public static let greatestCropSimilarity = 0.9999

    /// Why the encoder counts as collapsed; `nil` when it does not.
    public var alarm: String? {
        if !effectiveRank.isFinite || !cropSimilarity.isFinite { return "the embeddings are not finite" }
        if greatestRank >= 4, effectiveRank < max(1.2, Self.leastRankShare * greatestRank) {
            return String(format: "the embeddings spread over %.1f of %.0f directions", effectiveRank, greatestRank)
        }
        if cropSimilarity > Self.greatestCropSimilarity {
            return String(format: "different crops have the same embedding (cosine %.5f)", cropSimilarity)
        }
        return nil
    }

    /// Measures embeddings of different crops, and of second views of the same crops in the same order (empty: none).
    /// - Precondition: at least two embeddings, all of one width.
    public init(_ first: [[Float]], secondViews: [[Float]] = []) {
        precondition(first.count >= 2, "health takes at least two embeddings")
        let rows = first.map { $0.map(Double.init) }
        let mean = (0..<rows[0].count).map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
        let centred = rows.map { zip($0, mean).map { $0 - $1 } }
        effectiveRank = EmbeddingHealth.effectiveRank(ofProducts: EmbeddingHealth.products(centred))
        greatestRank = Double(min(rows.count - 1, mean.count))
        var (sum, count) = (0.0, 0)
        for (index, row) in rows.enumerated() {
            for other in rows[(index + 1)...] {
                sum += EmbeddingHealth.cosine(row, other)
                count += 1
            }
        }
        cropSimilarity = sum / Double(count)
        if !secondViews.isEmpty {
            let pairs = zip(rows, secondViews).map { EmbeddingHealth.cosine($0, $1.map(Double.init)) }
            viewSimilarity = pairs.reduce(0, +) / Double(pairs.count)
        }
    }

    private static func cosine(_ a: [Double], _ b: [Double]) -> Double {
        let lengths = dot(a, a).squareRoot() * dot(b, b).squareRoot()
        return dot(a, b) / max(lengths, 1e-12)
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    private static func products(_ rows: [[Double]]) -> [[Double]] { rows.map { row in rows.map { dot(row, $0) } } }

    /// The effective rank of a matrix from the inner products of its rows, whose eigenvalues are the squared singular values.
    private static func effectiveRank(ofProducts products: [[Double]]) -> Double {
        let singular = SymmetricEigenvalues.of(products).map { $0.isNaN ? $0 : max(0, $0).squareRoot() }
        let sum = singular.reduce(0, +)
        guard sum > 0 else { return sum.isFinite ? 1 : .nan }
        let entropy = singular.reduce(0) { total, value in
            let share = value / sum
            return share > 0 ? total - share * log(share) : total
        }
        return exp(entropy)
    }
}

/// Eigenvalues of small symmetric matrices by Jacobi's rotations.
enum SymmetricEigenvalues {
    /// All eigenvalues of a symmetric matrix, in no particular order.
    static func of(_ matrix: [[Double]]) -> [Double] {
        var a = matrix
        let count = a.count
        let scale = a.joined().reduce(0) { $0 + $1 * $1 }
        guard scale.isFinite else { return [.nan] }
        for _ in 0..<60 {
            var off = 0.0
            for p in 0..<count { for q in (p + 1)..<max(count, p + 1) { off += a[p][q] * a[p][q] } }
            if off <= scale * 1e-24 { break }
            for p in 0..<count { for q in (p + 1)..<max(count, p + 1) { rotate(&a, p, q) } }
        }
        return a.indices.map { a[$0][$0] }
    }

    /// Makes the element (p, q) zero.
    private static func rotate(_ a: inout [[Double]], _ p: Int, _ q: Int) {
        guard a[p][q] != 0 else { return }
        let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        let tangent = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let cosine = 1 / (tangent * tangent + 1).squareRoot()
        let sine = tangent * cosine
        for k in a.indices {
            let (left, right) = (a[k][p], a[k][q])
            (a[k][p], a[k][q]) = (cosine * left - sine * right, sine * left + cosine * right)
        }
        for k in a.indices {
            let (upper, lower) = (a[p][k], a[q][k])
            (a[p][k], a[q][k]) = (cosine * upper - sine * lower, sine * upper + cosine * lower)
        }
    }
}

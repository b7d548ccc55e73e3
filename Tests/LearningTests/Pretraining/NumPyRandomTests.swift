import Learning
import Testing

/// Numbers from NumPy 2 (`numpy.random.RandomState`); the comments give the calls. Everything must agree bit for bit.
@Suite struct NumPyRandomTests {
    // r = RandomState(123); [r.rand() for _ in range(3)]; then r.rand() as the 1001st
    @Test func uniformNumbersAreNumPys() {
        var random = NumPyRandom(seed: 123)
        #expect((0..<3).map { _ in random.unit() } == [0.6964691855978616, 0.28613933495037946, 0.2268514535642031])
        var far = NumPyRandom(seed: 123)
        for _ in 0..<1000 { _ = far.unit() }
        #expect(far.unit() == 0.08189443905104887)
        #expect(far.integer(in: 0...999_999) == 715_485)
    }

    // r.uniform(-2, 3, 3)
    @Test func scaledNumbersAreNumPys() {
        var random = NumPyRandom(seed: 123)
        #expect((0..<3).map { _ in -2.0 + 5.0 * random.unit() } == [1.482345927989308, -0.5693033252481028, -0.8657427321789846])
    }

    // [r.randint(5, 33) for _ in range(10)]
    @Test func integersAreNumPys() {
        var random = NumPyRandom(seed: 123)
        #expect((0..<10).map { _ in random.integer(in: 5...32) } == [18, 7, 7, 11, 22, 24, 15, 32, 30, 27])
    }

    @Test func aRangeOfOneTakesNoDraw() {
        var random = NumPyRandom(seed: 1)
        let before = random
        #expect(random.integer(in: 7...7) == 7)
        #expect(random == before)
    }

    // a = arange(10); r.shuffle(a)
    @Test func shufflingIsNumPys() {
        var random = NumPyRandom(seed: 123)
        #expect(random.permutation(10) == [4, 0, 7, 5, 8, 3, 1, 6, 9, 2])
    }

    // [r.multinomial(1, w).argmax() for _ in range(20)]
    @Test func choicesAreNumPys() {
        var random = NumPyRandom(seed: 123)
        let halves = (0..<20).map { _ in random.index(weights: [0.5, 0.5]) }
        #expect(halves == [0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0])
        var other = NumPyRandom(seed: 7)
        let thirds = (0..<20).map { _ in other.index(weights: [0.2, 0.7, 0.1]) }
        #expect(thirds == [1, 1, 0, 1, 1, 1, 0, 1, 2, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1])
        #expect(other.unit() == 0.8379179943092606)
    }

    @Test func aBranchGivesWhatWouldHaveComeNext() {
        var whole = NumPyRandom(seed: 9)
        var split = NumPyRandom(seed: 9)
        var branch = split.branch(units: 5)
        #expect((0..<5).map { _ in branch.unit() } == (0..<5).map { _ in whole.unit() })
        #expect(split.unit() == whole.unit())
    }
}

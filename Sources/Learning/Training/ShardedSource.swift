import Torch

/// The batches of one process of a group: batch `index` here is batch `index`·size + rank of the whole run, so that together the processes see
/// every batch once and none twice.
struct ShardedSource<Source: BatchSource>: BatchSource {
    let source: Source
    let rank: Int
    let size: Int

    init(_ source: Source, group: ProcessGroup?) {
        self.source = source
        (rank, size) = (group?.rank ?? 0, group?.size ?? 1)
    }

    var batchesPerEpoch: Int { max(1, (source.batchesPerEpoch + size - 1) / size) }

    func batch(at index: Int) throws -> Source.Batch { try source.batch(at: index * size + rank) }
}

import TestSupport
import Testing
import Torch

extension TorchSuite {
    @Suite struct Distributed {
        private func ranks<Value: Sendable>(
            _ size: Int, of count: Int? = nil, timeout: Double = 60, _ body: @escaping @Sendable (ProcessGroup) throws -> Value
        ) throws -> [Result<Value, any Error>] {
            try Ranks.run(size) { rank, port in try body(ProcessGroup(Launch(rank: rank, size: count ?? size, port: port), timeout: timeout)) }
        }

        @Test func averagesSumsAndBroadcasts() throws {
            let found = try ranks(3) { group -> [Float] in
                let rank = Float(group.rank)
                let (a, b) = (try Tensor([rank, 10 * rank] as [Float]), try Tensor([rank], shape: [1, 1]))
                try group.average([a, b])
                let sum = try Tensor([rank] as [Float])
                try group.sum([sum])
                let told = try Tensor([rank] as [Float])
                try group.broadcast([told], from: 2)
                try group.barrier()
                return try a.floats() + b.floats() + sum.floats() + told.floats()
            }
            for result in found { #expect(try result.get() == [1, 10, 1, 3, 2]) }
        }

        @Test func gathersInTheOrderOfRanks() throws {
            let found = try ranks(2) { group in
                try group.gather(Tensor([Int64(group.rank), 7])).int64s()
            }
            for result in found { #expect(try result.get() == [0, 7, 1, 7]) }
        }

        @Test func bytesOfUnequalLengthAreGatheredAndTold() throws {
            let found = try ranks(3) { group in
                let own = (0..<group.rank).map { UInt8(10 * group.rank + $0) }
                return (all: try group.gather(own), none: try group.gather([UInt8]()), told: try group.broadcast(own, from: 2))
            }
            for result in found {
                let (all, none, told) = try result.get()
                #expect(all == [[], [10], [20, 21]])
                #expect(none == [[], [], []])
                #expect(told == [20, 21])
            }
        }

        @Test func namesTheRanksThatAreMissing() throws {
            let found = try ranks(2, of: 4, timeout: 1) { $0.rank }
            for result in found {
                guard case .failure(let error) = result else {
                    Issue.record("two of four ranks were taken for all")
                    continue
                }
                #expect("\(error)".contains("rank 2, 3 of 0..3"), "\(error)")
            }
        }
    }
}

@Suite struct LaunchTests {
    @Test func readsTheLaunchersPeopleHave() throws {
        let torchrun = try Launch(environment: [
            "RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "MASTER_ADDR": "node7", "MASTER_PORT": "1234",
            "TORCHELASTIC_USE_AGENT_STORE": "True",
        ])
        #expect(torchrun == Launch(rank: 3, size: 4, localRank: 1, address: "node7", port: 1234, launcherServes: true))
        let slurm = try Launch(environment: [
            "SLURM_PROCID": "1", "SLURM_NTASKS": "2", "SLURM_LOCALID": "0", "SLURM_LAUNCH_NODE_IPADDR": "10.0.0.1",
        ])
        #expect(slurm == Launch(rank: 1, size: 2, localRank: 0, address: "10.0.0.1"))
        let openMPI = try Launch(environment: ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_LOCAL_RANK": "0"])
        #expect(openMPI == Launch(rank: 0, size: 2))
        #expect(try Launch(environment: ["PMI_RANK": "1", "PMI_SIZE": "2"]) == Launch(rank: 1, size: 2))
    }

    @Test func oneProcessIsNoGroup() throws {
        #expect(try Launch(environment: [:]) == nil)
        #expect(try Launch(environment: ["RANK": "0", "WORLD_SIZE": "1"]) == nil)
    }

    @Test(arguments: [
        ["RANK": "0"], ["WORLD_SIZE": "2"], ["RANK": "2", "WORLD_SIZE": "2"], ["RANK": "-1", "WORLD_SIZE": "2"], ["RANK": "0", "WORLD_SIZE": "two"],
        ["RANK": "0", "WORLD_SIZE": "2", "MASTER_PORT": "99999"],
    ])
    func contradictionsAreErrors(environment: [String: String]) {
        #expect(throws: LaunchError.self) { try Launch(environment: environment) }
    }
}

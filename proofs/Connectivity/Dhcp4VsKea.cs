namespace Tsunagi.Proofs.Connectivity;

/// <summary>DHCPv4 beside Kea: <see cref="BesideKea"/>.</summary>
internal sealed class Dhcp4VsKea : IClaim
{
    private const string Configurations = """
          both: a namespace each, joined to perfdhcp's by a veth link, where perfdhcp is a relay; 5,000 clients a round that were never there, three rounds to warm up, 1,500 begun a second, each asking for an address (Discover, Offer, Request, Ack);
            files in one directory of one disk; leases of two hours; one receiving thread
          ours: 45,000 lines told by their clients' hardware addresses; shares of pools of 65,536 (connectivity.addresses.shareSlots); leases in the log and synced before the Ack, one fdatasync for as many as came within eight milliseconds and meanwhile. "whole": also brought into SQLite, with who had which
            address, and counted until the process is idle; "answered": without that
          kea-dhcp4 2.2: memfile with persist (each lease is written before the Ack, nothing is synced), lfc-interval 0, no multi-threading (its default), logs warnings only; any client is served
        """;

    public string Name => "dhcp4.vs-kea";

    public string Promise => "perfdhcp: ≥ 1.5 × kea-dhcp4's exchanges of four messages per server CPU-second, with leases on the disk before the Ack";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, "network namespaces need root")];
        }

        Console.WriteLine(Configurations);
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            return
            [
                .. await BesideKea.MeasureAsync(4, name => Directory.CreateDirectory(Path.Combine(directory, name)).FullName, progress, cancellationToken),
                new Figure("load average of the machine", (await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Split(' ')[0], Peer: $"{Environment.ProcessorCount} cores"),
            ];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}

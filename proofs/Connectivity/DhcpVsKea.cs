namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// DHCPv6 beside Kea, and with three real clients. (1) dhclient, dhcp6c and dhcpcd take, renew and give back an address and a prefix from our server, and are reached under it: <see cref="RealDhcpClients"/>.
/// (2) perfdhcp asks both servers in turn for an address and a prefix: <see cref="BesideKea"/>.
/// </summary>
internal sealed class DhcpVsKea : IClaim
{
    private const string Configurations = """
          both: a namespace each, joined to perfdhcp's by a veth link; 5,000 clients a round that were never there, three rounds to warm up, 1,500 begun a second, each asking for an IA_NA and an IA_PD (Solicit, Advertise, Request, Reply);
            files in one directory of one disk; valid lifetime two hours; one receiving thread
          ours: 45,000 lines told by their clients' DUIDs; shares of pools of 65,536 (connectivity.addresses.shareSlots); leases in the log and synced before the Reply, one fdatasync for as many as came within eight milliseconds and meanwhile. "whole": also brought into SQLite, with who had which
            address, and counted until the process is idle; "answered": without that
          kea-dhcp6 2.2: memfile with persist (each lease is written before the Reply, nothing is synced), lfc-interval 0, no multi-threading (its default), logs warnings only; any client is served
        """;

    public string Name => "dhcp.vs-kea";

    public string Promise =>
        "dhclient, dhcp6c and dhcpcd take, renew and give back address and prefix, the route is in the kernel within 100 ms of the Reply and traffic passes; perfdhcp: ≥ 1.5 × Kea's exchanges per server CPU-second, with leases on the disk before the Reply";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess || RealDhcpClients.WhyNot() is not null)
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, RealDhcpClients.WhyNot() ?? "network namespaces need root")];
        }

        Console.WriteLine(Configurations);
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            string Make(string name) => Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
            return
            [
                .. await RealDhcpClients.MeasureAsync(Make("clients"), progress, cancellationToken),
                .. await BesideKea.MeasureAsync(6, Make, progress, cancellationToken),
                new Figure("load average of the machine", (await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Split(' ')[0], Peer: $"{Environment.ProcessorCount} cores"),
            ];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}

using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Journals;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;

namespace Tsunagi.Connectivity.Leases;

/// <summary>What this node promised to clients of DHCP of both families and took back. Where no client is served and none ever was, there is no log.</summary>
internal sealed class LeaseLog(ConnectivityOptions options, Node node, IDisk disk, TimeProvider time, ILogger<LeaseLog> log)
    : Journal("lease", Path.Combine(node.DataDirectory, options.Dhcp6.Directory), options.Dhcp6.SegmentBytes, Consumer, disk, time, log)
{
    public const string Consumer = "connectivity.leases";

    /// <summary>Whether it is open, or will be as soon as the disk lets it.</summary>
    public bool IsKept => IsWanted;

    // A client waits a second for its answer before it asks again (RFC 8415 section 7.6), and all that are switched on at once share an fsync.
    protected override TimeSpan GatherFor => TimeSpan.FromMilliseconds(8);

    protected override bool IsWanted => options.Dhcp6.IsOn || options.Dhcp4.IsOn || HasFiles;

    /// <summary>Appends what became of a lease; completes when it is on the disk.</summary>
    /// <exception cref="IOException">It is not: the log is closed, full, or failed.</exception>
    public ValueTask<LogPosition> AppendAsync(LeaseStep step, Lease lease) => AppendAsync(LeaseRecord.Kind, LeaseRecord.Write(step, lease));
}

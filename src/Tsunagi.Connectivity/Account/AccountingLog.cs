using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Journals;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;

namespace Tsunagi.Connectivity.Account;

/// <summary>The node's accounting. While it is closed the NASes keep their records and send them to another node or later.</summary>
internal sealed class AccountingLog(ConnectivityOptions options, Node node, IDisk disk, TimeProvider time, ILogger<AccountingLog> log)
    : Journal("accounting", Path.Combine(node.DataDirectory, options.Account.Directory), options.Account.SegmentBytes, Consumer, disk, time, log)
{
    public const string Consumer = "connectivity.sessions";

    /// <summary>Appends a record; completes when it is on the disk.</summary>
    /// <param name="isRelayed">It is to be relayed to a home server.</param>
    /// <exception cref="IOException">It is not: the log is closed, full, or failed.</exception>
    public ValueTask<LogPosition> AppendAsync(ReadOnlyMemory<byte> record, bool isRelayed = false) => AppendAsync(isRelayed ? AccountingRecord.RelayedKind : AccountingRecord.Kind, record);
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Standby;

/// <summary>
/// Keeps the copy in step with the snapshot in force: written when that, the pools or the key changed, once an hour so that its age is right, and when the program stops.
/// </summary>
internal sealed partial class LineCopyWriter(LineCopyFile file, LineSnapshotHolder holder, LineFeed feed, AddressShares shares, LineOptions options, TimeProvider time, ILogger<LineCopyWriter> log) : BackgroundService
{
    private static readonly long RewriteAfter = UnixMicros.PerSecond * 3_600;

    private readonly Lock _turn = new();
    private LineSnapshot _written = LineSnapshot.Empty;
    private string _with = "";
    private long _at;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Look();
    }

    /// <summary>One look; true when the copy was written.</summary>
    internal bool Look()
    {
        lock (_turn)
        {
            var (snapshot, at) = (holder.Current, feed.ReadAt);
            string[] pools = [.. shares.Names];
            var with = file.KeyId + " " + string.Join(' ', pools.Order(StringComparer.Ordinal));
            if (at == 0 || (ReferenceEquals(snapshot, _written) && with == _with && at - _at < RewriteAfter))
            {
                return false;
            }

            try
            {
                file.Write(LineCopy.Of(snapshot, at, pools));
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                LogNotWritten(log, failed);
                return false;
            }

            (_written, _with, _at) = (snapshot, with, at);
            return true;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.CopyEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    [LoggerMessage(4311, LogLevel.Error, "the copy of lines and access servers could not be written; a start without the database answers from the one before")]
    private static partial void LogNotWritten(ILogger log, Exception exception);
}

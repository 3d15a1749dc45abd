using Microsoft.Extensions.Logging;
using Tsunagi.Core.Identity;

namespace Tsunagi.Core.Search;

/// <summary>The one search box: asks every source at once and gives what came within the deadline.</summary>
public sealed partial class SearchBox(IEnumerable<ISearchSource> sources, TimeProvider time, ILogger<SearchBox> log)
{
    public const int MaxLength = 320;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    public async ValueTask<IReadOnlyList<SearchHit>> FindAsync(Caller caller, string text, CancellationToken cancellationToken)
    {
        text = text.Trim();
        if (text.Length is 0 or > MaxLength)
        {
            return [];
        }

        using var deadline = new CancellationTokenSource(Deadline, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var found = await Task.WhenAll(sources.Select(source => AskAsync(source, caller, text, linked.Token)));
        return [.. found.SelectMany(static hits => hits).OrderByDescending(static hit => hit.Exact)];
    }

    private async Task<IReadOnlyList<SearchHit>> AskAsync(ISearchSource source, Caller caller, string text, CancellationToken cancellationToken)
    {
        try
        {
            return await source.FindAsync(caller, text, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            LogLate(log, source.GetType().Name);
            return [];
        }
        catch (Exception e)
        {
            // One source that fails must not take the others' answers with it.
            LogFailed(log, e, source.GetType().Name);
            return [];
        }
    }

    [LoggerMessage(1301, LogLevel.Warning, "search source {Source} did not answer within the deadline")]
    private static partial void LogLate(ILogger log, string source);

    [LoggerMessage(1302, LogLevel.Error, "search source {Source} failed; the others answer")]
    private static partial void LogFailed(ILogger log, Exception exception, string source);
}

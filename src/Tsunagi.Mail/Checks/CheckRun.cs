using System.Globalization;
using Microsoft.Extensions.Logging;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Checks;

/// <summary>
/// Step (4a) of a message's walk: (1) the checks that anybody's policy wants are started, those that wait for others beside each other; (2) each is waited
/// for until its deadline; (3) one that was late or failed is told as unavailable, once as an event until it answers again; (4) each says what the others' findings make of its own. What they found comes in the
/// order of the checks, whichever was done first.
/// </summary>
internal sealed partial class CheckRun(IEnumerable<ICheck> checks, FilterOptions options, ICheckOutages outages, MailMetrics metrics, TimeProvider time, ILogger<CheckRun> log)
{
    public const string Unscannable = "message.unscannable";

    public static readonly IReadOnlyList<EvidenceCode> Codes =
    [
        new(Unscannable,
            new("The message could not be looked into: {0}.", "メールを検査できませんでした: {0}。"),
            new("The message is larger than is looked into here. Send a smaller one, or a link.", "メールが検査可能な大きさを超えています。小さくするか、リンクで送ってください。"),
            0, PolicyAction.Tag, HoldClass.Policy),
    ];

    // Those that work with the processor alone are run first, in place; the others wait beside each other.
    private readonly ICheck[] _checks = [.. checks.Where(static check => check.IsSetUp)];

    /// <summary>The checks that this program is set up for, in the order they run.</summary>
    public IEnumerable<string> SetUp => _checks.Select(static check => check.Name);

    /// <summary>What is said of a message that is too long to be looked into; null for one that is not.</summary>
    public static Evidence? TooLong(long length, FilterOptions options) => length > options.MaxScanBytes
        ? Evidence.Of(Unscannable, ("why", string.Create(CultureInfo.InvariantCulture, $"it is longer than {options.MaxScanBytes} octets")))
        : null;

    /// <param name="isWanted">Told the name of a check: whether any recipient's policy has it on.</param>
    public async ValueTask<List<Evidence>> RunAsync(MessageUnderCheck message, Func<string, bool> isWanted, CancellationToken cancellationToken)
    {
        // (1)
        using var deadline = new CancellationTokenSource(options.CheckDeadline, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var running = new List<(ICheck Check, List<Evidence> Found, Task Task)>(_checks.Length);
        foreach (var check in _checks)
        {
            if (isWanted(check.Name))
            {
                var found = new List<Evidence>();
                running.Add((check, found, StartAsync(check, message, found, linked.Token)));
            }
        }

        var all = new List<Evidence>();
        foreach (var (check, found, task) in running)
        {
            // (2), (3)
            if (await WhyNotAsync(task, linked.Token) is not { } why)
            {
                outages.Answered(check.Name);
                Keep(found, all, options.MaxEvidence);
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            LogUnavailable(log, check.Name, message.Id, why);
            metrics.CheckUnavailable(check.Name);
            outages.Away(check.Name, why);
            all.Add(Evidence.Of(check.Name + ".unavailable", ("why", why)));
        }

        // (4)
        foreach (var (check, _, _) in running)
        {
            check.Settle(message, all);
        }

        return all;
    }

    /// <summary>Takes what one check found. The first of a code is kept beyond the limit too: many small things must not hide a virus. The codes are few.</summary>
    internal static void Keep(IReadOnlyList<Evidence> found, List<Evidence> all, int most)
    {
        foreach (var evidence in found)
        {
            if (all.Count < most || !all.Exists(known => known.Code == evidence.Code))
            {
                all.Add(evidence);
            }
        }
    }

    private static async Task StartAsync(ICheck check, MessageUnderCheck message, List<Evidence> found, CancellationToken cancellationToken) =>
        await check.RunAsync(message, found, cancellationToken);

    private async ValueTask<string?> WhyNotAsync(Task task, CancellationToken cancellationToken)
    {
        try
        {
            // A check that does not heed its token is left to itself: the message goes on.
            await task.WaitAsync(cancellationToken);
            return null;
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {options.CheckDeadline.TotalSeconds:0.#} seconds";
        }
        catch (CheckUnavailableException away)
        {
            return away.Message;
        }
        catch (Exception ours)
        {
            return $"an error of ours ({ours.GetType().Name})";
        }
    }

    [LoggerMessage(2501, LogLevel.Warning, "the check {Check} of message {Message} is not available: {Why}")]
    private static partial void LogUnavailable(ILogger log, string check, string message, string why);
}

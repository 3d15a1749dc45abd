using Tsunagi.Core.Subscriptions;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Mail.Import;

/// <summary>Keeps the steps of one import.</summary>
internal sealed class MailImportTally
{
    private const int Most = 5_000;
    private readonly List<MailImportStep> _steps = [];
    private int _inAll;
    private int _refused;
    private int _waiting;

    /// <summary>In a dry run, the settings as the domains before would have made them.</summary>
    public GatewaySettings? Planned { get; set; }

    /// <summary>The domain that was taken last, or was there already.</summary>
    public string? Taken { get; set; }

    public void Add(string domain, string kind, string act, string detail)
    {
        _inAll++;
        _refused += act == "refuse" ? 1 : 0;
        _waiting += act == "wait" ? 1 : 0;
        if (_steps.Count < Most)
        {
            _steps.Add(new MailImportStep(domain, kind, act, detail));
        }
    }

    public MailImportReport Report(bool dryRun, SubscriptionView subscription, ImportProblems problems) => new(
        dryRun, subscription.Id, subscription.TenantId, _steps, _inAll, _refused, _waiting, [.. problems.All.OrderByDescending(static problem => problem.IsError)], problems.InAll);
}

using System.Collections.Immutable;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>What a check of one domain gave.</summary>
/// <param name="Verdict">The result.</param>
/// <param name="Reason">Why.</param>
/// <param name="Term">The deciding term.</param>
/// <param name="TermDomain">Whose record it stands in.</param>
/// <param name="Explanation">That record's exp=.</param>
internal sealed record SpfOutcome(SpfVerdict Verdict, string Reason, string Term, string TermDomain, SpfMacroString? Explanation);

/// <summary>One check with its counters and its trace; the walk is told in <see cref="SpfCheck"/>.</summary>
internal sealed partial class SpfEvaluation(SpfQuery query, string sender, IMailDns dns, SpfLimits limits, CancellationToken cancellationToken)
{
    private readonly ImmutableArray<SpfStep>.Builder _steps = ImmutableArray.CreateBuilder<SpfStep>();

    public int Lookups { get; private set; }

    public int VoidLookups { get; private set; }

    public ImmutableArray<SpfStep> Steps => _steps.ToImmutable();

    /// <summary>Steps (2) to (7).</summary>
    public async ValueTask<SpfOutcome> CheckHostAsync(string domain, int depth)
    {
        // (2) RFC 7208 section 4.3: what is no name of several labels has no record.
        if (!MailDomain.CanBeAsked(domain) || !domain.Contains('.', StringComparison.Ordinal))
        {
            return Ended(depth, domain, "", SpfVerdict.None, $"'{domain}' is no fully qualified domain name", []);
        }

        // (3) section 4.4 and 4.5
        var asked = new List<SpfLookup>(1);
        MailDnsAnswer<string> texts = await TxtAsync(domain, asked);
        if (texts.Status == MailDnsStatus.TempError)
        {
            return Ended(depth, domain, "", SpfVerdict.TempError, $"the DNS gave no answer for the record of {domain}", asked);
        }

        string[] records = [.. texts.Values.Where(SpfRecord.IsSpf)];
        if (records.Length != 1)
        {
            return records.Length == 0
                ? Ended(depth, domain, "", SpfVerdict.None, $"{domain} publishes no SPF record", asked)
                : Ended(depth, domain, "", SpfVerdict.PermError, $"{domain} publishes {records.Length} SPF records", asked);
        }

        // (4) section 4.6
        if (records[0].Length > limits.RecordCharacters)
        {
            return Ended(depth, domain, "", SpfVerdict.PermError, $"the record of {domain} is longer than {limits.RecordCharacters} characters", asked);
        }

        if (!SpfRecord.TryParse(records[0], out SpfRecord? record, out string wrong))
        {
            return Ended(depth, domain, records[0], SpfVerdict.PermError, $"the record of {domain} is malformed: {wrong}", asked);
        }

        Add(depth, domain, record!.Text, SpfStepOutcome.Record, asked, "");
        return await EvaluateAsync(record, domain, depth);
    }

    /// <summary>Step (8): the explanation, or null where RFC 7208 section 6.2 says to go on as if there were none.</summary>
    public async ValueTask<string?> ExplainAsync(SpfMacroString exp, string domain)
    {
        var asked = new List<SpfLookup>(1);
        string name = SpfMacroExpansion.Name(await ExpandAsync(exp, domain, asked));
        if (!MailDomain.CanBeAsked(name))
        {
            return null;
        }

        MailDnsAnswer<string> texts = await TxtAsync(name, asked);
        string? explanation = null;
        if (texts is { Status: MailDnsStatus.Found, Values.Length: 1 } && SpfMacroString.TryParse(texts.Values[0], explanation: true, out SpfMacroString? macro, out _))
        {
            explanation = await ExpandAsync(macro!, domain, asked);
            explanation = explanation is not null && IsPlain(explanation) ? explanation : null;
        }

        Add(0, domain, "exp=" + exp.Text, explanation is null ? SpfStepOutcome.NoMatch : SpfStepOutcome.Match, asked, explanation ?? "the explanation is passed over");
        return explanation;
    }

    // Steps (5) to (7).
    private async ValueTask<SpfOutcome> EvaluateAsync(SpfRecord record, string domain, int depth)
    {
        // (5) section 4.6.2
        foreach (SpfMechanism mechanism in record.Mechanisms)
        {
            var asked = new List<SpfLookup>();
            if (mechanism.AsksDns && ++Lookups > limits.Lookups)
            {
                return Ended(depth, domain, mechanism.Text, SpfVerdict.PermError, TooManyLookups(), asked);
            }

            SpfMatch match = mechanism.Kind == SpfMechanismKind.Include
                ? await IncludeAsync(mechanism, domain, depth, asked)
                : await MatchAsync(mechanism, domain, asked);
            if (match.Error is { } error)
            {
                return Ended(depth, domain, mechanism.Text, error, match.Detail, asked);
            }

            Add(depth, domain, mechanism.Text, match.IsMatch ? SpfStepOutcome.Match : SpfStepOutcome.NoMatch, asked, match.Detail);
            if (match.IsMatch)
            {
                return new SpfOutcome(mechanism.Qualifier, $"'{mechanism.Text}' of {domain} matches {query.ClientAddress}", mechanism.Text, domain, record.Explanation);
            }
        }

        if (record.Redirect is null)
        {
            // (7) section 4.7
            return new SpfOutcome(SpfVerdict.Neutral, $"no term of {domain} matches {query.ClientAddress}", "", domain, null);
        }

        // (6) section 6.1
        string term = "redirect=" + record.Redirect.Text;
        var lookups = new List<SpfLookup>();
        if (++Lookups > limits.Lookups)
        {
            return Ended(depth, domain, term, SpfVerdict.PermError, TooManyLookups(), lookups);
        }

        string target = SpfMacroExpansion.Name(await ExpandAsync(record.Redirect, domain, lookups));
        Add(depth, domain, term, SpfStepOutcome.Redirect, lookups, target);
        SpfOutcome outcome = await CheckHostAsync(target, depth + 1);
        return outcome.Verdict == SpfVerdict.None
            ? Ended(depth, domain, term, SpfVerdict.PermError, $"the redirect of {domain} leads nowhere: {outcome.Reason}", [])
            : outcome;
    }

    // section 5.2: what the included check gave decides whether the term matches.
    private async ValueTask<SpfMatch> IncludeAsync(SpfMechanism mechanism, string domain, int depth, List<SpfLookup> asked)
    {
        string target = SpfMacroExpansion.Name(await ExpandAsync(mechanism.Domain!, domain, asked));
        SpfOutcome outcome = await CheckHostAsync(target, depth + 1);
        return outcome.Verdict switch
        {
            SpfVerdict.Pass => SpfMatch.Yes($"{target} passes"),
            SpfVerdict.TempError => SpfMatch.Failed(SpfVerdict.TempError, outcome.Reason),
            SpfVerdict.PermError => SpfMatch.Failed(SpfVerdict.PermError, outcome.Reason),
            SpfVerdict.None => SpfMatch.Failed(SpfVerdict.PermError, $"'{mechanism.Text}' leads nowhere: {outcome.Reason}"),
            _ => SpfMatch.No($"{target} does not pass"),
        };
    }

    private string TooManyLookups() => $"the record asks for more than {limits.Lookups} lookups";

    private SpfOutcome Ended(int depth, string domain, string term, SpfVerdict verdict, string reason, List<SpfLookup> asked)
    {
        Add(depth, domain, term, verdict == SpfVerdict.None ? SpfStepOutcome.None : SpfStepOutcome.Error, asked, reason);
        return new SpfOutcome(verdict, reason, term, domain, null);
    }

    private void Add(int depth, string domain, string term, SpfStepOutcome outcome, List<SpfLookup> asked, string detail)
    {
        if (_steps.Count < limits.Steps)
        {
            _steps.Add(new SpfStep(depth, domain, term, outcome, [.. asked], detail));
        }
    }

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}

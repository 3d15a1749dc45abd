using System.Collections.Immutable;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.DesiredState;

namespace Tsunagi.Connectivity.Contract;

/// <summary>
/// Makes running equal to wanted: (1) reads each changed wish, (2) sets up the first line of a subscription that names one and gives its lines the addresses of pools, (3) has the feed put a snapshot in force in which every
/// line has its terms, and (4) says of each wish what became of it. A wish that cannot run says why; the others run.
/// </summary>
internal sealed class LineContracts(LineSetUp setUp, LineAddressing addressing, LineFeed feed)
{
    private ImmutableDictionary<string, LineTerms> _terms = ImmutableDictionary<string, LineTerms>.Empty;

    /// <summary>By subscription, as of the last pass.</summary>
    public IReadOnlyDictionary<string, LineTerms> Terms => _terms;

    public async ValueTask<IReadOnlyList<ReconcileOutcome>> ApplyAsync(DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken)
    {
        // (1)
        var reasons = new Dictionary<string, string?>(StringComparer.Ordinal);
        var terms = _terms.ToBuilder();
        foreach (var key in changedKeys)
        {
            string? whyNot = null;
            if (snapshot.Records.TryGetValue(key, out var record) && LineTerms.TryRead(record, out whyNot) is { } read)
            {
                terms[key] = read;
            }
            else
            {
                terms.Remove(key);
            }

            reasons[key] = whyNot;
        }

        _terms = terms.ToImmutable();

        // (2)
        LineTerms[] changed = [.. changedKeys.Where(_terms.ContainsKey).Select(key => _terms[key])];
        foreach (var (key, whyNot) in (await setUp.EnsureAsync(changed, cancellationToken)).Concat(await addressing.EnsureAsync(changed, cancellationToken)))
        {
            reasons[key] ??= whyNot;
        }

        // (3)
        await feed.RefreshAsync(_terms, snapshot.Revision, changedKeys, cancellationToken);

        // (4)
        return [.. changedKeys.Select(key => new ReconcileOutcome(
            key, snapshot.Records.GetValueOrDefault(key)?.Revision ?? snapshot.Revision, reasons[key] ?? (_terms.ContainsKey(key) && feed.CountOf(key) == 0 ? "no line is set up under it yet" : null)))];
    }
}

using System.Text.Json;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Lines;

/// <summary>
/// Sets up the first line of a subscription that names a user or a circuit. Its id follows from the subscription's, so that two nodes that do it at the same moment make one line,
/// and a line that was ended does not come back.
/// </summary>
internal sealed class LineSetUp(Stores stores, LineSecrets secrets, LineSignal signal, ChangeRecorder changes, TimeProvider time)
{
    private const int PerQuery = 400;

    private readonly HashSet<string> _there = new(StringComparer.Ordinal);

    /// <returns>Why a line could not be set up, by subscription.</returns>
    public async ValueTask<IReadOnlyDictionary<string, string>> EnsureAsync(IReadOnlyList<LineTerms> terms, CancellationToken cancellationToken)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        var wanted = terms.Where(each => each.FirstUserName.Length + each.FirstCircuit.Length > 0 && !_there.Contains(IdOf(each))).ToList();
        foreach (var part in wanted.Chunk(PerQuery))
        {
            _there.UnionWith(await stores.Control.ReadAsync(
                reader => reader.QueryAsync<string>("SELECT id FROM connectivity_line WHERE id IN @Ids ORDER BY id", new { Ids = part.Select(IdOf).ToArray() }), cancellationToken));
        }

        foreach (var each in wanted.Where(each => !_there.Contains(IdOf(each))))
        {
            if (await AddAsync(each, cancellationToken) is { } refusal)
            {
                problems[each.Subscription] = $"its line cannot be set up: {refusal.Message}";
            }
            else
            {
                _there.Add(IdOf(each));
            }
        }

        return problems;
    }

    private async ValueTask<Refusal?> AddAsync(LineTerms terms, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var isCircuit = terms.FirstCircuit.Length > 0;

        // Nobody is there to be shown it: a password that nobody knows keeps the line closed until one is set.
        var password = LinePassword.Clear(secrets.NewPassword());
        var box = isCircuit ? null : await secrets.ProtectAsync(terms.TenantPath, password, cancellationToken);
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                var name = await transaction.FirstOrDefaultAsync<string>("SELECT name FROM subscription WHERE id = @Subscription", new { terms.Subscription });
                var line = new LineRow(
                    IdOf(terms), terms.TenantPath, terms.TenantId, terms.Subscription, name ?? terms.Subscription, terms.FirstUserName, terms.FirstCircuit, "", isCircuit, "", "",
                    (isCircuit ? LinePasswordForm.None : LinePasswordForm.Clear).ToString(), null, "", "", "", "", "[]", "[]", "{}", 0, 1, now, null, "[]");
                if (await LineBook.CheckNamesAsync(transaction, line) is { } taken)
                {
                    return taken;
                }

                var row = line with { Revision = await signal.NextRevisionAsync(transaction) };
                if (await LineBook.InsertAsync(transaction, row, box, "ON CONFLICT (id) DO NOTHING") == 1)
                {
                    await changes.RecordAsync(
                        transaction, Caller.System(new TenantScope(row.TenantId, row.TenantPath)), ConnectivityEvents.LineAdded, row.Id, row.TenantPath, null, row,
                        JsonSerializer.Serialize(new { line = row.Title, subscription = row.SubscriptionId }));
                }

                return null;
            },
            cancellationToken);
    }

    private static string IdOf(LineTerms terms) => "ln_" + terms.Subscription[(terms.Subscription.IndexOf('_', StringComparison.Ordinal) + 1)..];
}

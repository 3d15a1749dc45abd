using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Trace;
using Tsunagi.Protocols.Mail.Dkim;

namespace Tsunagi.Mail.Signing;

/// <summary>A private key that another program signed with, at its selector.</summary>
internal sealed record ForeignKey(string Selector, DkimPrivateKey Key);

/// <summary>What became of the keys another program signed with.</summary>
/// <param name="Act">add, same or refuse.</param>
internal sealed record ForeignKeysTaken(string Act, string Detail);

/// <summary>Keys that another program signed a domain's mail with, at their own selectors.</summary>
internal sealed partial class SigningKeeper
{
    /// <summary>
    /// Takes them as a generation in use: (1) each record stands in the DNS, as any verifier would read it, since they sign from now on; (2) the domain has no keys in use, or these very ones; (3) they are sealed for the tenant as our own
    /// are. Keys of our own that wait to be published go on waiting and take over as ever; so do those that are made when these are old enough.
    /// </summary>
    /// <param name="keys">At most one of each algorithm.</param>
    /// <param name="record">Written in the same transaction.</param>
    internal async ValueTask<ForeignKeysTaken> ImportAsync(
        string tenantPath, string domain, IReadOnlyList<ForeignKey> keys, bool dryRun, Func<ISqlTransaction, ValueTask> record, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var rows = keys.Select(key => new Row(
            Id.New("dk", time), tenantPath, domain, 0, key.Key.Algorithm == DkimAlgorithm.RsaSha256 ? "rsa-sha256" : "ed25519-sha256", key.Selector.ToLowerInvariant(), SigningKeyState.Used, key.Key.ToRecord(), "", now, now, 0, now,
            PublishedState.Found, "", 0)).ToList();

        // (2), before the DNS is asked: the same again needs no answer.
        if (Judge(await ReadAsync(tenantPath, domain, cancellationToken), rows) is { } known)
        {
            return known;
        }

        // (1)
        foreach (var row in rows)
        {
            var (state, found) = await AskAsync(row, cancellationToken);
            if (state != PublishedState.Found)
            {
                return new ForeignKeysTaken("refuse", state is null ? $"the DNS gave no answer for {row.Name}; try again" : $"{row.Name}: {found}");
            }
        }

        var taken = new ForeignKeysTaken("add", $"signs from now on: {string.Join(", ", rows.Select(static row => $"{row.Name} ({row.Algorithm})"))}");
        if (dryRun)
        {
            return taken;
        }

        // (3)
        for (var i = 0; i < rows.Count; i++)
        {
            var box = await secrets.ProtectAsync(tenantPath, SigningKeys.Purpose, System.Text.Encoding.ASCII.GetBytes(keys[i].Key.ToPem()), cancellationToken);
            rows[i] = rows[i] with { Sealed = Convert.ToBase64String(box) };
        }

        return await stores.Control.WriteAsync(
            async transaction =>
            {
                if (Judge(await ReadAsync(transaction, tenantPath, domain), rows) is { } meanwhile)
                {
                    return meanwhile;
                }

                var generation = 1 + await transaction.FirstOrDefaultAsync<long>(
                    "SELECT coalesce(max(generation), 0) FROM mail_dkim_key WHERE tenant_path = @TenantPath AND domain = @Domain", rows[0]);
                foreach (var row in rows)
                {
                    await transaction.ExecuteAsync(
                        """
                        INSERT INTO mail_dkim_key (id, tenant_path, domain, generation, algorithm, selector, state, record, sealed, created_at, used_at, ends_at, looked_at, published, found, unreadable_at)
                        VALUES (@Id, @TenantPath, @Domain, @Generation, @Algorithm, @Selector, @State, @Record, @Sealed, @CreatedAt, @UsedAt, 0, @LookedAt, @Published, '', 0)
                        """,
                        row with { Generation = generation });
                }

                await transaction.ExecuteAsync("UPDATE mail_signing_head SET version = version + 1 WHERE one = 1");
                await TellAsync(transaction, MailEvents.DkimUsed, tenantPath, domain, new { domain, generation, selectors = rows.Select(static row => row.Selector).ToArray() });
                await record(transaction);
                transaction.OnCommitted(() => stores.Control.Hints.Raise(SigningKeys.Channel));
                return taken;
            },
            cancellationToken);
    }

    // (2)
    private static ForeignKeysTaken? Judge(IReadOnlyList<Row> there, List<Row> wanted)
    {
        var used = there.Where(static row => row.State == SigningKeyState.Used).ToList();
        return used.Count == 0 ? null
            : wanted.TrueForAll(row => used.Exists(own => own.Selector == row.Selector && own.Record == row.Record))
                ? new ForeignKeysTaken("same", $"in use: {string.Join(", ", wanted.Select(static row => row.Name))}")
                : new ForeignKeysTaken("refuse", $"the domain is signed with {string.Join(", ", used.Select(static row => row.Selector))} already; those are not taken out of use for an import");
    }
}

using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Mail.Signing;

/// <summary>What people see of the signing keys, and what they may ask: the records to publish, a look at the DNS now, the next keys before their time. Private keys are shown to nobody.</summary>
internal sealed class SigningDesk(Stores stores, SigningKeeper keeper, GatewayContracts contracts, ChangeRecorder changes)
{
    public const int MaxListed = 10_000;

    public static readonly TenantQuery All = new("mail.signing.all", $$"""
        SELECT {{SigningKey.Columns}} FROM mail_dkim_key WHERE {tenant} AND state <> 'ended' ORDER BY domain, tenant_path, generation DESC, algorithm LIMIT @Limit
        """);

    public static readonly TenantQuery OfDomain = new("mail.signing.domain", $$"""
        SELECT {{SigningKey.Columns}} FROM mail_dkim_key WHERE {tenant} AND domain = @Domain AND state <> 'ended' ORDER BY tenant_path, generation DESC, algorithm
        """);

    public ValueTask<IReadOnlyList<SigningKey>> ListAsync(Caller caller, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<SigningKey>(All, new { Limit = (long)MaxListed }, cancellationToken);

    /// <summary>The keys of one domain.</summary>
    public async ValueTask<Outcome<IReadOnlyList<SigningKey>>> FindAsync(Caller caller, string domain, CancellationToken cancellationToken)
    {
        var name = MailDomain.Normalize(domain) ?? domain;
        var keys = await new TenantStore(stores.Control, caller.Scope).QueryAsync<SigningKey>(OfDomain, new { Domain = name }, cancellationToken);

        // A domain that moved from one tenant to another has keys of both: those count whose mail is served now.
        var path = contracts.Table.ForDomain(name)?.TenantPath;
        var served = keys.Where(key => key.TenantPath == path).ToList();
        return keys.Count == 0 ? Refusal.NotFound("signing key of the domain", domain) : Outcome.Of<IReadOnlyList<SigningKey>>(served.Count > 0 ? served : keys);
    }

    /// <summary>Looks at the DNS now; what stands there is used at once.</summary>
    public async ValueTask<Outcome<IReadOnlyList<SigningKey>>> CheckAsync(Caller caller, string domain, CancellationToken cancellationToken)
    {
        var known = await FindAsync(caller, domain, cancellationToken);
        if (!known.Ok)
        {
            return known;
        }

        await keeper.KeepAsync(known.Value[0].TenantPath, known.Value[0].Domain, isAsked: true, cancellationToken);
        return await FindAsync(caller, domain, cancellationToken);
    }

    /// <summary>Makes the next keys before their time. They take over once they are published.</summary>
    public async ValueTask<Outcome<IReadOnlyList<SigningKey>>> RotateAsync(Caller caller, string domain, CancellationToken cancellationToken)
    {
        var known = await FindAsync(caller, domain, cancellationToken);
        if (!known.Ok)
        {
            return known;
        }

        var (path, name) = (known.Value[0].TenantPath, known.Value[0].Domain);
        if (!await keeper.MakeNextAsync(path, name, cancellationToken))
        {
            return Refusal.Conflict("mail.signing.next-waits", $"the next keys of {name} are made already and wait to be published");
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                await changes.RecordAsync(transaction, caller, "mail.dkim.rotated", name, path, null, new { domain = name });
                return true;
            },
            cancellationToken);
        return await FindAsync(caller, domain, cancellationToken);
    }

    /// <summary>Takes keys that another program signed with into use; see <see cref="SigningKeeper.ImportAsync"/>.</summary>
    public ValueTask<ForeignKeysTaken> ImportAsync(Caller caller, string tenantPath, string domain, IReadOnlyList<ForeignKey> keys, bool dryRun, CancellationToken cancellationToken) => keeper.ImportAsync(
        tenantPath, domain, keys, dryRun,
        transaction => changes.RecordAsync(transaction, caller, "mail.dkim.imported", domain, tenantPath, null, new { domain, selectors = keys.Select(static key => key.Selector).ToArray() }), cancellationToken);
}

using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Verdict;

/// <summary>Says what holds for one recipient (or, without one, for the tenant as a whole) now, as the next message to it would meet it on this node.</summary>
internal sealed class PolicyDesk(Stores stores, PolicyWatch policies, GatewayContracts contracts, RecipientLists lists)
{
    public async ValueTask<Outcome<EffectivePolicy>> ForAsync(Caller caller, string tenant, string recipient, CancellationToken cancellationToken)
    {
        var owner = await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Owner>(PolicyBook.TenantById, new { Id = tenant }, cancellationToken);
        if (owner is null)
        {
            return Refusal.NotFound("tenant", tenant);
        }

        if (recipient.Length == 0)
        {
            return policies.Table.For(owner.TenantPath, "", [], "");
        }

        if (!Mailbox.TryParse(recipient, out var mailbox))
        {
            return Refusal.Invalid("mail.policy.recipient", "recipient", $"'{recipient}' is not a mail address", "user@domain");
        }

        // Groups are the directory's of the gateway that serves the domain, where that is this tenant's own.
        var gateway = contracts.Table.ForDomain(mailbox!.Domain) is { } serving && serving.TenantPath == owner.TenantPath ? serving : null;
        return For(policies.Table, owner.TenantPath, gateway, mailbox, lists);
    }

    /// <summary>What the data path asks, for each recipient of a message.</summary>
    public static EffectivePolicy For(PolicyTable policies, string tenantPath, Gateway? gateway, Mailbox mailbox, RecipientLists lists)
    {
        if (policies.HasTenantAlone(tenantPath))
        {
            return policies.For(tenantPath, "", [], "");
        }

        var (domain, groups, address) = NamesOf(gateway, mailbox, lists);
        return policies.For(tenantPath, domain, groups, address);
    }

    /// <summary>By which names policies know a recipient: of an alias, those of whom it stands for.</summary>
    public static (string Domain, IReadOnlyList<string> Groups, string Address) NamesOf(Gateway? gateway, Mailbox mailbox, RecipientLists lists)
    {
        var entry = gateway is null ? null : lists.Find(gateway, mailbox);
        return (MailDomain.Normalize(mailbox.Domain) ?? mailbox.Domain, entry?.Groups ?? [], entry?.Address ?? mailbox.ToString().ToLowerInvariant());
    }

    private sealed record Owner(string Id, string TenantPath);
}

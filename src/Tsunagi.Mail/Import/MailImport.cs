using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Signing;
using Tsunagi.Protocols.Mail.Dkim;

namespace Tsunagi.Mail.Import;

/// <summary>
/// Brings the domains of a Postfix over into a subscription that is there: (1) the files are read, (2) the domains that are asked for are taken one after another: (3) its control must be proved by the subscription's tenant, else it
/// is claimed and waits, (4) its next hop must be the subscription's, or becomes it where the subscription serves no other domain, (5) its recipients and aliases join the list, which loses nothing, (6) the domain joins the
/// subscription, last, so that no recipient is refused in between, (7) the keys that OpenDKIM signs it with come into use, if their records stand in the DNS; (8) the senders that Rspamd's maps allow or block are what the tenant, or the provider, says of them, where nothing was said. What is there already is left, so the same request again goes on where the last one stopped.
/// </summary>
internal sealed class MailImport(SubscriptionBook subscriptions, SubscriptionOrders orders, Domains domains, ProvedDomains proofs, GatewayContracts contracts, RecipientListBook lists, SigningDesk signing, SenderBook senders)
{
    public async ValueTask<Outcome<MailImportReport>> RunAsync(Caller caller, MailImportRequest request, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return new Refusal(RefusalKind.Forbidden, "mail.import.operators-only", "only the provider's operators import a mail server");
        }

        if (await subscriptions.FindAsync(caller, request.SubscriptionId, cancellationToken) is not { } subscription)
        {
            return Refusal.NotFound("subscription", request.SubscriptionId);
        }

        if (subscription.Specification != GatewaySettings.Kind || subscription.EndedAt is not null)
        {
            return Refusal.Invalid("mail.import.subscription", "subscriptionId", $"{subscription.Id} is no mail gateway that runs", $"a subscription of {GatewaySettings.Kind}");
        }

        // (1)
        var (files, problems) = (new Dictionary<string, string>(StringComparer.Ordinal), new ImportProblems());
        foreach (var file in request.Files)
        {
            files[file.Name] = file.Text;
        }

        var found = PostfixSetup.Read(request.MainFile, files.GetValueOrDefault, problems);

        var keys = request.OpenDkimFile is { } opendkim ? OpenDkimSetup.Read(opendkim, files.GetValueOrDefault, problems) : null;

        // (2)
        var tally = new MailImportTally();
        foreach (var domain in Chosen(request, found, tally))
        {
            var refusal = await TakeAsync(caller, request, domain, tally, cancellationToken);
            if (refusal is not null)
            {
                tally.Add(domain.Name, "domain", "refuse", refusal.Message);
            }
            else if (tally.Taken == domain.Name && keys is not null)
            {
                await TakeKeysAsync(caller, request.DryRun, subscription.TenantPath, keys.KeysOf(domain.Name), domain.Name, tally, cancellationToken);
            }
        }

        // (8)
        if (request.RspamdFile is { } rspamd)
        {
            var path = request.Senders == ImportedSenders.Provider ? subscription.TenantPath[..(subscription.TenantPath.IndexOf('/', StringComparison.Ordinal) + 1)] : subscription.TenantPath;
            await TakeSendersAsync(caller, request.DryRun, path, RspamdMaps.Read(rspamd, files.GetValueOrDefault, problems), problems, tally, cancellationToken);
        }

        return tally.Report(request.DryRun, subscription, problems);
    }

    private static IEnumerable<PostfixDomain> Chosen(MailImportRequest request, IReadOnlyList<PostfixDomain> found, MailImportTally tally)
    {
        if (request.Domains.Count == 0)
        {
            return found;
        }

        var chosen = new List<PostfixDomain>();
        foreach (var name in request.Domains.Select(static name => MailDomain.Normalize(name) ?? name).Distinct(StringComparer.Ordinal))
        {
            if (found.FirstOrDefault(domain => domain.Name == name) is { } known)
            {
                chosen.Add(known);
            }
            else
            {
                tally.Add(name, "domain", "refuse", "this Postfix does not relay it (relay_domains)");
            }
        }

        return chosen;
    }

    /// <summary>One domain: steps (3) to (6); it is the tally's last taken when it, or all of it already, came to be served.</summary>
    private async ValueTask<Refusal?> TakeAsync(Caller caller, MailImportRequest request, PostfixDomain domain, MailImportTally tally, CancellationToken cancellationToken)
    {
        // As it is now: the domain before this one may have changed it.
        var subscription = (await subscriptions.FindAsync(caller, request.SubscriptionId, cancellationToken))!;
        var settings = tally.Planned ?? JsonSerializer.Deserialize<GatewaySettings>(subscription.Settings, SettingsJson.Options)!;
        if (contracts.Table.ForDomain(domain.Name) is { } other && other.Subscription != subscription.Id)
        {
            tally.Add(domain.Name, "domain", "refuse", $"{other.Subscription} serves it already");
            return null;
        }

        // (3)
        if (!await IsProvedAsync(caller, request, domain, subscription, tally, cancellationToken))
        {
            return null;
        }

        // (4)
        var others = settings.Domains.Where(name => MailDomain.Normalize(name) != domain.Name).ToList();
        if (WhyNot(domain, settings, others.Count > 0) is { } why)
        {
            tally.Add(domain.Name, "next-hop", "refuse", why);
            return null;
        }

        var wanted = settings with { NextHop = NextHop.TryParse(settings.NextHop, out var now, out _) && now == domain.NextHop ? settings.NextHop : domain.NextHop!.ToString(), Domains = others.Count == settings.Domains.Count ? [.. settings.Domains, domain.Name] : settings.Domains };

        // (5)
        if (await AddRecipientsAsync(caller, request, domain, settings, tally, cancellationToken) is { } refused)
        {
            return refused;
        }

        // (6)
        var (isNew, isMoved) = (wanted.Domains.Count != settings.Domains.Count, wanted.NextHop != settings.NextHop);
        if ((isNew || isMoved) && !request.DryRun)
        {
            var changed = await orders.ChangeAsync(caller, subscription.Id, new SubscriptionChange(Settings: JsonSerializer.SerializeToElement(wanted, SettingsJson.Options)), subscription.Version, cancellationToken);
            if (!changed.Ok)
            {
                return changed.Refusal;
            }
        }

        (tally.Planned, tally.Taken) = (request.DryRun ? wanted : null, domain.Name);
        tally.Add(domain.Name, "next-hop", isMoved ? "change" : "same", isMoved ? $"{settings.NextHop} → {wanted.NextHop}" : wanted.NextHop);
        tally.Add(domain.Name, "domain", isNew ? "add" : "same", isNew ? $"joins {subscription.Id} of {subscription.TenantName}; then point its MX records here" : $"{subscription.Id} serves it");
        return null;
    }

    // (3) Nobody's word about a domain is taken from another system's files.
    private async ValueTask<bool> IsProvedAsync(Caller caller, MailImportRequest request, PostfixDomain domain, SubscriptionView subscription, MailImportTally tally, CancellationToken cancellationToken)
    {
        if ((await proofs.ReadAsync(cancellationToken)).TryGetValue(domain.Name, out var owner))
        {
            if (!subscription.TenantPath.StartsWith(owner, StringComparison.Ordinal))
            {
                tally.Add(domain.Name, "domain", "refuse", $"its control is proved by another tenant than {subscription.TenantId}");
                return false;
            }

            return true;
        }

        if (request.DryRun)
        {
            tally.Add(domain.Name, "domain", "wait", $"its control is not proved by {subscription.TenantId}: it would be claimed, and taken once its TXT record stands or an operator approves it");
            return false;
        }

        var claimed = await domains.ClaimAsync(caller, subscription.TenantId, domain.Name, cancellationToken);
        tally.Add(
            domain.Name, "domain", claimed.Ok ? "wait" : "refuse",
            claimed.Ok ? $"claimed as {claimed.Value.Id}: publish TXT \"{claimed.Value.Challenge}\" at _tsunagi-challenge.{domain.Name} and have it proved (tsunagi domain prove), or approve it (tsunagi domain approve), then import again" : claimed.Refusal.Message);
        return false;
    }

    // (4)
    private static string? WhyNot(PostfixDomain domain, GatewaySettings settings, bool servesOthers)
    {
        var isSame = NextHop.TryParse(settings.NextHop, out var now, out _) && now == domain.NextHop;
        return domain.NextHop is null ? domain.WhyNot
            : isSame ? null
            : domain.ByMx ? $"Postfix looks up the MX records of {domain.NextHop.Host}; the gateway would dial that name itself: write [{domain.NextHop.Host}] in transport_maps, or make it the subscription's next hop, if it is the server"
            : servesOthers ? $"its mail goes to {domain.NextHop}, that of the subscription's other domains to {settings.NextHop}: it needs a subscription of its own"
            : null;
    }

    // (5)
    private async ValueTask<Refusal?> AddRecipientsAsync(Caller caller, MailImportRequest request, PostfixDomain domain, GatewaySettings settings, MailImportTally tally, CancellationToken cancellationToken)
    {
        if (domain.TakesAll && settings.Recipients == RecipientSource.List)
        {
            return Refusal.Conflict("mail.import.recipients", "Postfix takes every recipient of it and the subscription only those of its list: set recipients to listThenCallAhead");
        }

        if (!domain.TakesAll && domain.Mailboxes.Count == 0)
        {
            return Refusal.Conflict("mail.import.recipients", "relay_recipient_maps name no recipient of it: Postfix refuses all its mail");
        }

        var rows = domain.Mailboxes.Select(static address => new RecipientListRow(address, "", "")).Concat(domain.Aliases.Select(static alias => new RecipientListRow(alias.Address, alias.AliasOf, ""))).ToList();
        var added = 0L;
        if (rows.Count > 0)
        {
            var merged = await lists.AddAsync(caller, request.SubscriptionId, rows, request.DryRun, cancellationToken);
            if (!merged.Ok)
            {
                return merged.Refusal;
            }

            added = merged.Value;
        }

        var detail = rows.Count == 0 ? "none are named: the next hop is asked for each" : $"{domain.Mailboxes.Count} mailboxes, {domain.Aliases.Count} aliases; {added} new{(domain.TakesAll ? "; the next hop is asked for all others" : "")}";
        tally.Add(domain.Name, "recipients", added > 0 ? "add" : "same", detail);
        if (!domain.TakesAll && settings.Recipients != RecipientSource.List)
        {
            tally.Add(domain.Name, "recipients", "same", "whom the list does not know, the next hop is asked for, where Postfix refuses: set recipients to list if that is wanted");
        }

        return null;
    }

    // (7)
    private async ValueTask TakeKeysAsync(Caller caller, bool dryRun, string tenantPath, IReadOnlyList<OpenDkimKey> keys, string domain, MailImportTally tally, CancellationToken cancellationToken)
    {
        var taken = new List<ForeignKey>();
        foreach (var key in keys)
        {
            if (key.Pem is null)
            {
                tally.Add(domain, "key", "refuse", $"{key.Selector}: {key.WhyNot}");
            }
            else if (!DkimPrivateKey.TryParsePem(key.Pem, out var read, out var reason))
            {
                tally.Add(domain, "key", "refuse", $"{key.Selector}: {reason}");
            }
            else if (taken.Exists(other => other.Key.Algorithm == read!.Algorithm))
            {
                tally.Add(domain, "key", "refuse", $"{key.Selector}: one key of each algorithm signs; {taken.First(other => other.Key.Algorithm == read!.Algorithm).Selector} comes first");
                read!.Dispose();
            }
            else
            {
                taken.Add(new ForeignKey(key.Selector, read!));
            }
        }

        if (taken.Count > 0)
        {
            var done = await signing.ImportAsync(caller, tenantPath, domain, taken, dryRun, cancellationToken);
            tally.Add(domain, "key", done.Act, done.Detail);
        }

        foreach (var key in taken)
        {
            key.Key.Dispose();
        }
    }

    // (8)
    private async ValueTask TakeSendersAsync(
        Caller caller, bool dryRun, string tenantPath, IReadOnlyList<RspamdSender> wanted, ImportProblems problems, MailImportTally tally, CancellationToken cancellationToken)
    {
        var known = await senders.OfTenantAsync(tenantPath, cancellationToken);
        foreach (var sender in wanted.Where(sender => known.TryGetValue(sender.Sender, out var said) && said != sender.Rule))
        {
            problems.Error(sender.File, sender.Line, $"the opposite is said of {sender.Sender} here already, and stays");
        }

        var added = wanted.Where(sender => !known.ContainsKey(sender.Sender)).ToList();
        var refused = dryRun || added.Count == 0 ? null : await senders.AddAsync(caller, tenantPath, added.Select(static sender => (sender.Sender, sender.Rule)), cancellationToken);
        tally.Add(
            "", "senders", refused is not null ? "refuse" : added.Count > 0 ? "add" : "same",
            refused?.Message ?? $"{added.Count(static sender => sender.Rule == SenderRule.Allow)} allowed, {added.Count(static sender => sender.Rule == SenderRule.Block)} blocked; {wanted.Count - added.Count} were there. A domain means those below it too, and an allowed sender has to authenticate");
    }
}

using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;

namespace Tsunagi.Mail.Contract;

/// <summary>A gateway serves only domains whose control its tenant (or a tenant above it) has proved: checked when it is ordered, and again when it is to run.</summary>
internal sealed class ProvedDomains(Stores stores) : ISubscriptionRule
{
    /// <summary>Domain to the path of the tenant that proved it.</summary>
    public async ValueTask<IReadOnlyDictionary<string, string>> ReadAsync(CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<Row>("SELECT name, tenant_path FROM domain WHERE state = 'proved' ORDER BY name, id"), cancellationToken);
        return rows.ToDictionary(static row => row.Name, static row => row.TenantPath, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Path of the tenant that proved a domain, or else the nearest one above it; null when nobody did.</summary>
    public async ValueTask<string?> OwnerOfAsync(string domain, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        for (var name = domain; name.Length > 0 && names.Count < MostLabels; name = name.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? name[(dot + 1)..] : "")
        {
            names.Add(name);
        }

        return names.Count == 0 ? null : (await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>("SELECT name, tenant_path FROM domain WHERE state = 'proved' AND name IN @Names ORDER BY length(name) DESC, name, id", new { Names = names }), cancellationToken)).FirstOrDefault()?.TenantPath;
    }

    public async ValueTask<Refusal?> CheckAsync(ISqlTransaction transaction, Subscription subscription, string specification, string settings)
    {
        if (specification != GatewaySettings.Kind)
        {
            return null;
        }

        foreach (var domain in Read(settings)?.Domains ?? [])
        {
            var owner = await transaction.FirstOrDefaultAsync<string>(
                "SELECT tenant_path FROM domain WHERE state = 'proved' AND name = @Name", new { Name = MailDomain.Normalize(domain) ?? domain });
            if (owner is null || !subscription.TenantPath.StartsWith(owner, StringComparison.Ordinal))
            {
                return Refusal.Invalid("mail.gateway.domain", "settings.domains", $"the tenant has not proved the control of {domain}", "a proved domain of the tenant");
            }
        }

        return null;
    }

    public IReadOnlyList<string> NeededBy(string specification, string settings) => specification != GatewaySettings.Kind
        ? []
        : [.. (Read(settings)?.Domains ?? []).Select(static domain => MailDomain.Normalize(domain) ?? domain)];

    // A name has at most 127 labels.
    private const int MostLabels = 127;

    private static GatewaySettings? Read(string settings) =>
        System.Text.Json.JsonSerializer.Deserialize<GatewaySettings>(settings, Tsunagi.Core.Catalogue.SettingsJson.Options);

    private sealed record Row(string Name, string TenantPath);
}

using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Mail.Checks.Attachments;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Checks.Clamav;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Checks.Header;
using Tsunagi.Mail.Checks.Links;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Pending;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Checks;

/// <summary>
/// All checks of a message, in the order they run: those that work with the processor alone first. The gateway and <c>tsunagi mail check</c> take the same set; what differs is
/// where the options, the resolver and the ear for outages come from.
/// </summary>
internal static class CheckSet
{
    public static IServiceCollection AddChecks(this IServiceCollection services)
    {
        services.AddSingleton<ClamdClient>();
        services.AddSingleton<ICheck>(static provider => new HeaderCheck(provider.GetService<GatewayContracts>(), provider.GetService<Correspondents>()));
        services.AddSingleton<ICheck>(static provider => new LinkCheck(
            provider.GetRequiredService<FilterOptions>(), provider.GetService<GatewayContracts>(), provider.GetService<Correspondents>(), ListsOf(provider)));
        services.AddSingleton<ICheck, AttachmentCheck>();
        services.AddSingleton<SharedModel>();
        services.AddSingleton<ICheck, ClassifierCheck>();
        services.AddSingleton<ICheck, ClamavCheck>();
        services.AddSingleton<ICheck>(static provider => new AuthenticationCheck(
            provider.GetService<IMailDns>() is { } dns ? new MailResolver(dns, provider.GetRequiredService<FilterOptions>(), provider.GetRequiredService<TimeProvider>()) : null,
            provider.GetRequiredService<MailOptions>()));
        services.AddSingleton<ICheck>(static provider => new ClientCheck(
            provider.GetService<IMailDns>(), provider.GetService<DnsListHealth>() is { } health ? health : new NoListHealth(), provider.GetRequiredService<FilterOptions>(), provider.GetRequiredService<TimeProvider>()));
        return services.AddSingleton<CheckRun>();
    }

    // In place nobody tests whether a list can be believed: none is asked.
    private static LinkLists? ListsOf(IServiceProvider provider) =>
        provider.GetRequiredService<FilterOptions>() is { LinkLists.Count: > 0 } options && provider.GetService<IMailDns>() is { } dns && provider.GetService<DnsListHealth>() is { } health
            ? new LinkLists(dns, health, options, provider.GetRequiredService<TimeProvider>())
            : null;
}

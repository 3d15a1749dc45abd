using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tsunagi.Core.Identity.Passwords;
using Tsunagi.Core.Identity.Roles;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Identity.Tokens;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Modules;

namespace Tsunagi.Core.Identity;

/// <summary>Puts users, roles, sessions and tokens into the container. Needs the stores, the audit, the outbox, the tenants and the secrets beside it.</summary>
public static class IdentitySetup
{
    /// <param name="permissions">What Core and the modules declare.</param>
    public static IServiceCollection AddIdentity(
        this IServiceCollection services, IEnumerable<PermissionDeclaration> permissions, SessionOptions? sessions = null, ThrottleOptions? throttle = null, PasswordOptions? passwords = null)
    {
        services.AddSingleton(new BuiltInRoles(permissions)).AddSingleton<Authority>();
        services.AddSingleton(sessions ?? new SessionOptions()).AddSingleton(throttle ?? new ThrottleOptions()).AddSingleton(passwords ?? new PasswordOptions());
        services.AddSingleton<LastUse>().AddSingleton<IHostedService>(static provider => provider.GetRequiredService<LastUse>());
        services.AddSingleton<LocalAccess>().AddSingleton<Callers>().AddSingleton<Sessions>();
        services.AddSingleton(static provider => new PasswordHashes(provider.GetRequiredService<PasswordOptions>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SignInThrottle>().AddSingleton<SignInDesk>();
        services.AddSingleton<UserDirectory>().AddSingleton<OwnAccount>().AddSingleton<RoleBook>().AddSingleton<ApiTokens>().AddSingleton<FirstStart>();
        return services;
    }
}

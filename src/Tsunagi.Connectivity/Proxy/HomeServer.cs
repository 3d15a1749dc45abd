using System.Net;
using System.Text;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>A RADIUS server of somebody else: what is asked of it, at each of its two ports.</summary>
internal sealed class HomeServer : IDisposable
{
    /// <exception cref="InvalidOperationException">An option can not be meant so; the message names it.</exception>
    public HomeServer(HomeServerOption option, ProxyOptions options, ConnectivityMetrics metrics, TimeProvider time)
    {
        Name = option.Name;
        if (!IPAddress.TryParse(option.Address, out var address))
        {
            throw new InvalidOperationException($"connectivity.proxy.servers[{option.Name}].address: \"{option.Address}\" is no address");
        }

        Secret = ReadSecret(option);
        Access = option.AuthenticatePort == 0 ? null : new HomeLane(this, option, new IPEndPoint(address, option.AuthenticatePort), false, options, metrics, time);
        Account = option.AccountPort == 0 ? null : new HomeLane(this, option, new IPEndPoint(address, option.AccountPort), true, options, metrics, time);
    }

    public string Name { get; }

    public RadiusSecret Secret { get; }

    /// <summary>Null when it has no port for authentication.</summary>
    public HomeLane? Access { get; }

    /// <summary>Null when it has no port for accounting.</summary>
    public HomeLane? Account { get; }

    public IEnumerable<HomeLane> Lanes => new[] { Access, Account }.OfType<HomeLane>();

    public void Dispose()
    {
        Access?.Dispose();
        Account?.Dispose();
    }

    private static RadiusSecret ReadSecret(HomeServerOption option)
    {
        try
        {
            var secret = File.ReadLines(option.SecretFile).FirstOrDefault()?.Trim() ?? "";
            return secret.Length > 0
                ? new RadiusSecret(Encoding.UTF8.GetBytes(secret))
                : throw new InvalidOperationException($"connectivity.proxy.servers[{option.Name}].secretFile: the first line of {option.SecretFile} is empty");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"connectivity.proxy.servers[{option.Name}].secretFile: {failed.Message}", failed);
        }
    }
}

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Digest;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Cwmp;

/// <summary>
/// Whether a router is who it says (TR-069 A6 3.4.4): (1) one with a password of its own must show that one, (2) any other the fleet's, (3) or none where that is
/// allowed. By HTTP Digest or, over TLS or where the operator put a plain listener, Basic. A nonce is ours for ten minutes.
/// </summary>
internal sealed class AcsAccess
{
    public const string Realm = "Tsunagi";

    private const int MostNonces = 100_000;
    private static readonly TimeSpan NonceLife = TimeSpan.FromMinutes(10);

    private readonly CwmpOptions _options;
    private readonly DeviceSecrets _secrets;
    private readonly TimeProvider _time;
    private readonly DeviceCredentials? _fleet;
    private readonly ConcurrentDictionary<string, long> _nonces = new(StringComparer.Ordinal);

    public AcsAccess(RoutersOptions options, DeviceSecrets secrets, TimeProvider time)
    {
        _options = options.Cwmp;
        _secrets = secrets;
        _time = time;
        _fleet = _options.PasswordFile.Length > 0 ? new DeviceCredentials(_options.Username, File.ReadLines(_options.PasswordFile).First().Trim()) : null;
    }

    public async ValueTask<bool> IsAllowedAsync(RouterDevice? device, string? authorization, string method, CancellationToken cancellationToken)
    {
        // (1)
        var own = device is null ? null : await _secrets.FindAsync(device, DeviceSecrets.Acs, cancellationToken);
        if (own is not null)
        {
            return authorization is not null && Shows(own, authorization, method);
        }

        // (2) (3)
        return (_fleet is not null && authorization is not null && Shows(_fleet, authorization, method)) || _options.Open;
    }

    /// <summary>What a router that may not in is asked for.</summary>
    public string Challenge()
    {
        var now = _time.NowMicros();
        if (_nonces.Count >= MostNonces)
        {
            foreach (var (old, until) in _nonces)
            {
                if (until < now)
                {
                    _nonces.TryRemove(old, out _);
                }
            }
        }

        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        if (_nonces.Count < MostNonces)
        {
            _nonces[nonce] = now + (long)NonceLife.TotalMicroseconds;
        }

        return new DigestChallenge(Realm, nonce, "MD5", "auth", null).ToString();
    }

    private bool Shows(DeviceCredentials wanted, string authorization, string method)
    {
        if (authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            var octets = new byte[authorization.Length];
            return Convert.TryFromBase64String(authorization[6..].Trim(), octets, out var length)
                && CryptographicOperations.FixedTimeEquals(octets.AsSpan(0, length), Encoding.UTF8.GetBytes($"{wanted.Username}:{wanted.Password}"));
        }

        return DigestResponse.TryParse(authorization, out var response) && response!.Username == wanted.Username && response.Realm == Realm
            && _nonces.TryGetValue(response.Nonce, out var until) && until > _time.NowMicros() && response.IsMadeWith(wanted.Password, method);
    }
}

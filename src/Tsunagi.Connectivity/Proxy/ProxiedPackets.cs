using System.Security.Cryptography;
using System.Text;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>What goes on to a home server, and what comes back from it (RFC 2865 section 2.3). Pure: octets in, octets out.</summary>
internal static class ProxiedPackets
{
    /// <summary>
    /// Writes an access server's request as ours to a home server: its attributes in their order, what is hidden hidden anew, CHAP's challenge said where it was the authenticator (RFC 2865 section 2.3),
    /// our Proxy-State behind all others (section 5.33). An Access-Request begins with our Message-Authenticator; an Accounting-Request has one where it had one.
    /// </summary>
    /// <param name="from">The secret that the request came under; null when it is not known any more: what is hidden is left out.</param>
    /// <param name="waitedSeconds">How long an Accounting-Request lay here, added to its Acct-Delay-Time.</param>
    /// <param name="isStripped">The user's name without its realm.</param>
    /// <param name="buffer">Room for 4,096 octets.</param>
    /// <returns>Octets written; 0 when it does not fit, or hides what can not be opened.</returns>
    public static int WriteRequest(RadiusPacket request, RadiusSecret? from, RadiusSecret to, byte identifier, ReadOnlySpan<byte> proxyState, bool isStripped, Span<byte> buffer, uint waitedSeconds = 0)
    {
        var isAccess = request.Code == RadiusCode.AccessRequest;
        var writer = new RadiusWriter(buffer, request.Code, identifier);
        if (isAccess)
        {
            RandomNumberGenerator.Fill(writer.Authenticator);
        }

        if (isAccess || request.MessageAuthenticatorAt >= 0)
        {
            writer.AddMessageAuthenticator();
        }

        Span<byte> authenticator = stackalloc byte[RadiusPacket.AuthenticatorOctets];
        writer.Authenticator.CopyTo(authenticator);
        var hop = new RadiusHop(from, request.Authenticator);
        var next = new RadiusHop(to, authenticator);
        foreach (var attribute in request.Attributes)
        {
            if (attribute.Type == RadiusType.MessageAuthenticator || (attribute.Type == RadiusType.AcctDelayTime && waitedSeconds > 0))
            {
                continue;
            }

            if (isStripped && attribute.Type == RadiusType.UserName && attribute.Value.LastIndexOf((byte)'@') is > 0 and var at)
            {
                writer.Add(RadiusType.UserName, attribute.Value[..at]);
            }
            else if (!HiddenAttributes.TryAdd(ref writer, attribute, hop, next))
            {
                return 0;
            }
        }

        if (isAccess && request.TryFind(RadiusType.ChapPassword, out ReadOnlySpan<byte> _) && !request.TryFind(RadiusType.ChapChallenge, out ReadOnlySpan<byte> _))
        {
            writer.Add(RadiusType.ChapChallenge, request.Authenticator);
        }

        if (waitedSeconds > 0)
        {
            request.TryFind(RadiusType.AcctDelayTime, out uint delay);
            writer.Add(RadiusType.AcctDelayTime, (uint)Math.Min(uint.MaxValue, (ulong)delay + waitedSeconds));
        }

        writer.Add(RadiusType.ProxyState, proxyState);
        return (isAccess ? writer.TryFinishAccess(to, out var length) : writer.TryFinishSigned(to, out length)) && length <= RadiusLimits.Default.PacketOctets ? length : 0;
    }

    /// <summary>
    /// Writes a home server's answer as ours to the access server: Message-Authenticator first, what the realm's filter lets pass, what we add, and the request's own Proxy-States as they came, whatever
    /// the home server made of them.
    /// </summary>
    /// <param name="answer">Authentic.</param>
    /// <param name="home">The home server's secret, and the authenticator of what it was asked.</param>
    /// <param name="nas">The access server's secret, and the authenticator of what it asked.</param>
    /// <param name="isOwnName">Whether a name that the home server gives its user is of the same realm.</param>
    /// <returns>Octets written; 0 when it does not fit, or hides what can not be opened.</returns>
    public static int WriteAnswer(RadiusPacket answer, RadiusPacket request, ProxiedRealm realm, RadiusHop home, RadiusHop nas, Func<string, bool> isOwnName, Span<byte> buffer, out int filtered)
    {
        filtered = 0;
        var writer = new RadiusWriter(buffer, answer.Code, request.Identifier);
        writer.AddMessageAuthenticator();
        foreach (var attribute in answer.Attributes)
        {
            if (attribute.Type is RadiusType.MessageAuthenticator or RadiusType.ProxyState)
            {
                continue;
            }

            // A session that is accounted under another's name would be another's.
            if (!realm.Filter.Passes(answer.Code, attribute) || (attribute.Type == RadiusType.UserName && !isOwnName(Encoding.UTF8.GetString(attribute.Value))))
            {
                filtered++;
            }
            else if (!HiddenAttributes.TryAdd(ref writer, attribute, home, nas))
            {
                return 0;
            }
        }

        if (answer.Code == RadiusCode.AccessAccept)
        {
            writer.AddEncoded(realm.Reply);
        }

        foreach (var attribute in request.Attributes)
        {
            if (attribute.Type == RadiusType.ProxyState)
            {
                writer.AddEncoded(attribute.Octets);
            }
        }

        return writer.TryFinishAnswer(nas.Secret!, nas.Authenticator, out var length) ? length : 0;
    }
}

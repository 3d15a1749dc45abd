using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Tsunagi.Protocols.Mail.Arc;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Protocols.Mail.AuthResults;

/// <summary>One property of a message on which a result rests, such as smtp.mailfrom.</summary>
/// <param name="Type">smtp, header, body or policy (RFC 8601 section 2.3).</param>
/// <param name="Name">The property.</param>
/// <param name="Value">Its value, without quotes.</param>
public sealed record AuthenticationProperty(string Type, string Name, string Value);

/// <summary>The result of one method (RFC 8601 section 2.7).</summary>
public sealed record AuthenticationResult
{
    /// <summary>The method in lower case: spf, dkim, dmarc, arc, iprev, auth…</summary>
    public required string Method { get; init; }

    /// <summary>Its version; 1 unless something else stands there.</summary>
    public int MethodVersion { get; init; } = 1;

    /// <summary>The result in lower case.</summary>
    public required string Result { get; init; }

    /// <summary>reason=; null when absent.</summary>
    public string? Reason { get; init; }

    /// <summary>The comment behind the result, for people; null when absent.</summary>
    public string? Comment { get; init; }

    /// <summary>What the result rests on.</summary>
    public ImmutableArray<AuthenticationProperty> Properties { get; init; } = [];

    /// <summary>The value of a property; null when absent.</summary>
    public string? this[string type, string name] =>
        Properties.FirstOrDefault(p => p.Type.Equals(type, StringComparison.OrdinalIgnoreCase) && p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value;

    /// <summary>spf= of a check (section 2.7.2).</summary>
    public static AuthenticationResult Of(SpfResult spf)
    {
        ArgumentNullException.ThrowIfNull(spf);
        return new AuthenticationResult
        {
            Method = "spf",
            Result = Lower(spf.Verdict),
            Comment = spf.Reason,
            Properties = [spf.Identity == SpfIdentity.Helo ? new("smtp", "helo", spf.Domain) : new("smtp", "mailfrom", spf.Sender)],
        };
    }

    /// <summary>dkim= of one signature (section 2.7.1, RFC 6008 for header.b).</summary>
    public static AuthenticationResult Of(DkimResult dkim)
    {
        ArgumentNullException.ThrowIfNull(dkim);
        var properties = ImmutableArray.CreateBuilder<AuthenticationProperty>();
        if (dkim.Signature is { } signature)
        {
            string value = Convert.ToBase64String(signature.Value.Span);
            properties.Add(new("header", "d", signature.Domain));
            properties.Add(new("header", "i", signature.Identity));
            properties.Add(new("header", "s", signature.Selector));
            properties.Add(new("header", "a", signature.AlgorithmName));
            properties.Add(new("header", "b", value[..Math.Min(8, value.Length)]));
        }

        string bits = dkim.KeyBits == 0 ? "" : dkim.KeyBits.ToString(CultureInfo.InvariantCulture) + "-bit key, ";
        return new AuthenticationResult { Method = "dkim", Result = Lower(dkim.Verdict), Comment = bits + dkim.Reason, Properties = properties.ToImmutable() };
    }

    /// <summary>dmarc= of an evaluation (RFC 9989 section 4.6; RFC 8601 registry).</summary>
    public static AuthenticationResult Of(DmarcResult dmarc)
    {
        ArgumentNullException.ThrowIfNull(dmarc);
        return new AuthenticationResult
        {
            Method = "dmarc",
            Result = Lower(dmarc.Verdict),
            Comment = dmarc.Reason,
            Properties = dmarc.Verdict == DmarcVerdict.Fail
                ? [new("header", "from", dmarc.AuthorDomain), new("policy", "dmarc", Lower(dmarc.Policy))]
                : [new("header", "from", dmarc.AuthorDomain)],
        };
    }

    /// <summary>arc= of a chain (RFC 8617 section 7.1).</summary>
    public static AuthenticationResult Of(ArcResult arc, IPAddress? client = null)
    {
        ArgumentNullException.ThrowIfNull(arc);
        var properties = ImmutableArray.CreateBuilder<AuthenticationProperty>();
        if (client is not null)
        {
            properties.Add(new("smtp", "remote-ip", client.ToString()));
        }

        if (arc.OldestPass is { } oldest)
        {
            properties.Add(new("header", "oldest-pass", oldest.ToString(CultureInfo.InvariantCulture)));
        }

        return new AuthenticationResult { Method = "arc", Result = arc.Verdict is ArcVerdict.TempError ? "fail" : Lower(arc.Verdict), Comment = arc.Reason, Properties = properties.ToImmutable() };
    }

    internal IEnumerable<string> Pieces(bool utf8)
    {
        string version = MethodVersion == 1 ? "" : "/" + MethodVersion.ToString(CultureInfo.InvariantCulture);
        yield return $"{AuthenticationText.Keyword(Method)}{version}={AuthenticationText.Keyword(Result)}";
        if (!string.IsNullOrEmpty(Comment))
        {
            yield return AuthenticationText.Comment(Comment, utf8);
        }

        if (Reason is not null)
        {
            yield return "reason=" + AuthenticationText.Quote(Reason, utf8);
        }

        foreach (AuthenticationProperty property in Properties)
        {
            yield return $"{AuthenticationText.Keyword(property.Type)}.{AuthenticationText.Keyword(property.Name)}={AuthenticationText.PropertyValue(property.Value, utf8)}";
        }
    }

    private static string Lower<T>(T verdict)
        where T : struct, Enum => verdict.ToString().ToLowerInvariant();
}

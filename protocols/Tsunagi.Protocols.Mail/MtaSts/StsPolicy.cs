using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.MtaSts;

/// <summary>What a policy asks of those who send.</summary>
public enum StsMode
{
    /// <summary>Nothing: the domain leaves MTA-STS in order.</summary>
    None,
    /// <summary>Failures are reported, mail is sent all the same.</summary>
    Testing,
    /// <summary>Mail is sent to servers that the policy names, over TLS with a valid certificate of their name, or not at all.</summary>
    Enforce,
}

/// <summary>A policy of MTA-STS (RFC 8461 section 3.2), read from the file that the domain's policy host serves.</summary>
/// <param name="Mode">What it asks.</param>
/// <param name="Patterns">The servers it names, in lower case: names, or "*." and a name for one label in place of the star.</param>
/// <param name="MaxAge">How long it holds, from when it was fetched.</param>
public sealed record StsPolicy(StsMode Mode, ImmutableArray<string> Patterns, TimeSpan MaxAge)
{
    /// <summary>Octets of a policy file that are read at most (section 3.3 asks senders to limit it, and suggests 64 kilobytes).</summary>
    public const int MostOctets = 64 * 1024;

    /// <summary>Longest max_age: about a year.</summary>
    public const int MostSeconds = 31_557_600;

    private const int MostPatterns = 256;

    /// <summary>
    /// Reads a policy file. Lines end in LF or CRLF; fields that are not known, and the second of a field but mx, are passed over. False, with the reason, for what is no policy.
    /// </summary>
    /// <code>
    /// sts-policy-record = sts-policy-field *(sts-policy-term sts-policy-field) [sts-policy-term]
    /// sts-policy-field  = version: STSv1 / mode: (testing|enforce|none) / mx: pattern / max_age: 1*10(DIGIT)
    /// </code>
    public static bool TryRead(ReadOnlySpan<byte> file, out StsPolicy? policy, out string why)
    {
        policy = null;
        if (file.Length > MostOctets)
        {
            why = $"the policy is larger than {MostOctets} octets";
            return false;
        }

        if (!System.Text.Unicode.Utf8.IsValid(file))
        {
            why = "the policy is no UTF-8";
            return false;
        }

        string? version = null, mode = null, age = null;
        var patterns = ImmutableArray.CreateBuilder<string>();
        foreach (string line in Encoding.UTF8.GetString(file).Split('\n'))
        {
            string text = line.TrimEnd('\r', ' ', '\t');
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                continue;
            }

            string value = text[(colon + 1)..].Trim(' ', '\t');
            switch (text[..colon].TrimEnd(' ', '\t'))
            {
                case "version":
                    version ??= value;
                    break;
                case "mode":
                    mode ??= value;
                    break;
                case "max_age":
                    age ??= value;
                    break;
                case "mx" when patterns.Count == MostPatterns:
                    why = $"it names more than {MostPatterns} servers";
                    return false;
                case "mx" when Pattern(value) is { } pattern:
                    patterns.Add(pattern);
                    break;
                case "mx":
                    why = $"'{Message.DisplayText.Clean(value, 100)}' is no pattern for a server's name";
                    return false;
            }
        }

        return TryMake(version, mode, age, patterns.ToImmutable(), out policy, out why);
    }

    /// <summary>A server of this name may be sent to: a pattern is its name, or has a star in place of its first label alone (section 4.1).</summary>
    public bool Names(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        string name = host.TrimEnd('.');
        foreach (string pattern in Patterns)
        {
            bool isNamed = pattern.StartsWith("*.", StringComparison.Ordinal)
                ? name.IndexOf('.', StringComparison.Ordinal) is > 0 and int dot && name.AsSpan(dot + 1).Equals(pattern.AsSpan(2), StringComparison.OrdinalIgnoreCase)
                : name.Equals(pattern, StringComparison.OrdinalIgnoreCase);
            if (isNamed)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The policy as a file: what reads back as the same.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("version: STSv1\n").Append("mode: ").Append(Mode.ToString().ToLowerInvariant()).Append('\n');
        foreach (string pattern in Patterns)
        {
            text.Append("mx: ").Append(pattern).Append('\n');
        }

        return text.Append(CultureInfo.InvariantCulture, $"max_age: {(long)MaxAge.TotalSeconds}\n").ToString();
    }

    /// <summary>Same fields, same policy.</summary>
    public bool Equals(StsPolicy? other) => other is not null && Mode == other.Mode && MaxAge == other.MaxAge && Patterns.SequenceEqual(other.Patterns, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mode, MaxAge, Patterns.Length);

    private static bool TryMake(string? version, string? mode, string? age, ImmutableArray<string> patterns, out StsPolicy? policy, out string why)
    {
        policy = null;
        StsMode? known = mode switch { "enforce" => StsMode.Enforce, "testing" => StsMode.Testing, "none" => StsMode.None, _ => null };
        if (version != "STSv1")
        {
            why = version is null ? "it has no version" : "its version is not STSv1";
        }
        else if (known is not { } meant)
        {
            why = mode is null ? "it has no mode" : $"its mode '{Message.DisplayText.Clean(mode, 40)}' is not enforce, testing or none";
        }
        else if (age is null || age.Length > 10 || !long.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
        {
            why = "it has no max_age in seconds";
        }
        else if (patterns.IsEmpty && meant != StsMode.None)
        {
            why = "it names no server (mx)";
        }
        else
        {
            policy = new StsPolicy(meant, patterns, TimeSpan.FromSeconds(Math.Min(seconds, MostSeconds)));
            why = "";
            return true;
        }

        return false;
    }

    private static string? Pattern(string text)
    {
        string name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        return MailDomain.TryNormalize(name, out string normal) && MailDomain.IsHostName(normal) ? text.Length == name.Length ? normal : "*." + normal : null;
    }
}

using System.Globalization;

namespace Tsunagi.Protocols.Mail.Lookup;

/// <summary>Domain names as the checks compare and ask for them.</summary>
internal static class MailDomain
{
    private const int MaxName = 253;
    private const int MaxLabel = 63;

    /// <summary>The name in lower case and A-labels (RFC 5890), without its last dot. False when that can not be done.</summary>
    public static bool TryNormalize(string name, out string normal)
    {
        normal = name.EndsWith('.') ? name[..^1] : name;
        if (System.Text.Ascii.IsValid(normal))
        {
            normal = normal.ToLowerInvariant();
            return true;
        }

        try
        {
            // RFC 8616 section 4: U-labels are asked for as A-labels.
            normal = new IdnMapping { UseStd3AsciiRules = false }.GetAscii(normal.ToLowerInvariant()).ToLowerInvariant();
            return true;
        }
        catch (ArgumentException)
        {
            normal = "";
            return false;
        }
    }

    /// <summary>A question can be made of the name: labels of 1 to 63 octets, 253 together, ASCII.</summary>
    public static bool CanBeAsked(string name)
    {
        if (name.Length is 0 or > MaxName || !System.Text.Ascii.IsValid(name))
        {
            return false;
        }

        int label = 0;
        foreach (char c in name)
        {
            if (c != '.')
            {
                if (++label > MaxLabel)
                {
                    return false;
                }

                continue;
            }

            if (label == 0)
            {
                return false;
            }

            label = 0;
        }

        return label > 0;
    }

    /// <summary>Labels as host names have them: letters, digits, hyphens and the underscore that mail names use.</summary>
    public static bool IsHostName(string name)
    {
        if (!CanBeAsked(name))
        {
            return false;
        }

        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Both names are equal, or the first is below the second; case does not matter.</summary>
    public static bool IsSameOrBelow(string name, string parent) =>
        name.EndsWith(parent, StringComparison.OrdinalIgnoreCase)
            && (name.Length == parent.Length || (name.Length > parent.Length && parent.Length > 0 && name[name.Length - parent.Length - 1] == '.'));

    /// <summary>The name without its first label; empty when it has but one.</summary>
    public static string Parent(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? "" : name[(dot + 1)..];
    }

    /// <summary>How many labels the name has.</summary>
    public static int Labels(string name) => name.Length == 0 ? 0 : name.AsSpan().Count('.') + 1;
}

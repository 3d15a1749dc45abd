using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace Tsunagi.Protocols.Mail.Milter;

/// <summary>Versions and options, as both sides say them.</summary>
/// <param name="Version">2 to 6.</param>
/// <param name="Actions">What the filter may change.</param>
/// <param name="Steps">What is left out.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MilterOptions(uint Version, MilterActions Actions, MilterSteps Steps);

/// <summary>A client that connected.</summary>
/// <param name="HostName">Its name as the server knows it; "[192.0.2.1]" when it has none.</param>
/// <param name="Address">Its address; null for one that has none (a local pipe, or unknown).</param>
public sealed record MilterClient(string HostName, IPAddress? Address);

/// <summary>Reads the contents of packets. None of it throws: false for what is malformed.</summary>
public static class MilterContent
{
    private const int MaxTexts = 1000;

    /// <summary>version (4) actions (4) steps (4).</summary>
    public static bool TryReadOptions(ReadOnlySpan<byte> content, out MilterOptions options)
    {
        options = default;
        if (content.Length < 12)
        {
            return false;
        }

        options = new MilterOptions(
            BinaryPrimitives.ReadUInt32BigEndian(content), (MilterActions)BinaryPrimitives.ReadUInt32BigEndian(content[4..]), (MilterSteps)BinaryPrimitives.ReadUInt32BigEndian(content[8..]));
        return true;
    }

    /// <summary>hostname NUL family ('4' '6' 'L' 'U') [port (2) address NUL].</summary>
    public static bool TryReadConnect(ReadOnlySpan<byte> content, out MilterClient? client)
    {
        client = null;
        int nul = content.IndexOf((byte)0);
        if (nul < 0 || nul + 1 >= content.Length)
        {
            return false;
        }

        string name = Encoding.UTF8.GetString(content[..nul]);
        byte family = content[nul + 1];
        ReadOnlySpan<byte> rest = content[(nul + 2)..];
        if (family is not ((byte)'4' or (byte)'6'))
        {
            client = new MilterClient(name, null);
            return family is (byte)'L' or (byte)'U';
        }

        if (rest.Length < 3)
        {
            return false;
        }

        // Some servers write IPv6 addresses as "IPv6:2001:db8::1".
        string text = Encoding.ASCII.GetString(rest[2..].TrimEnd((byte)0));
        text = text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? text[5..] : text;
        if (!IPAddress.TryParse(text, out IPAddress? address))
        {
            return false;
        }

        client = new MilterClient(name, address);
        return true;
    }

    /// <summary>Texts, each ended by NUL: the argument of HELO; path and parameters of MAIL and RCPT; name and value of a header field.</summary>
    public static bool TryReadTexts(ReadOnlySpan<byte> content, out ImmutableArray<string> texts)
    {
        var read = ImmutableArray.CreateBuilder<string>();
        texts = [];
        while (!content.IsEmpty)
        {
            int nul = content.IndexOf((byte)0);
            if (nul < 0 || read.Count >= MaxTexts)
            {
                return false;
            }

            read.Add(Encoding.Latin1.GetString(content[..nul]));
            content = content[(nul + 1)..];
        }

        texts = read.ToImmutable();
        return texts.Length > 0;
    }
}

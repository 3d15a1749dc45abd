using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>
/// Writes signature fields: tags between which lines are folded, b= on lines of its own. A list longer than a line is folded at its colons; nothing else
/// is broken, so that the relaxed form of what is written holds one space where a fold is.
/// </summary>
internal static class SignatureWriter
{
    private const int FoldAt = 76;
    private const int SignatureLine = 72;

    /// <summary>The field with an empty b=, without its line end.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="tags">Name and value in the order they are written; b with an empty value among them.</param>
    /// <param name="fold">False to keep it on one line.</param>
    public static string Unsigned(string name, IReadOnlyList<(string Name, string Value)> tags, bool fold = true)
    {
        var text = new StringBuilder(512).Append(name).Append(':');
        int lineStart = 0;
        for (int i = 0; i < tags.Count; i++)
        {
            string tag = $"{tags[i].Name}={tags[i].Value}{(i < tags.Count - 1 ? ";" : "")}";
            if (!fold)
            {
                text.Append(' ').Append(tag);
                continue;
            }

            if (tags[i].Name == "b")
            {
                text.Append("\r\n ").Append(tag);
                lineStart = text.Length - tag.Length - 1;
                continue;
            }

            if (1 + tag.Length <= FoldAt)
            {
                Put(text, tag, ref lineStart, " ");
                continue;
            }

            // Pieces of a long list go on the next line without a space before them but the fold's own.
            string[] pieces = tag.Split(':');
            for (int p = 0; p < pieces.Length; p++)
            {
                Put(text, pieces[p] + (p < pieces.Length - 1 ? ":" : ""), ref lineStart, p == 0 ? " " : "");
            }
        }

        return text.ToString();
    }

    /// <summary>Puts the signature into the field, folded, and writes the field with its line end.</summary>
    public static void WriteSigned(string unsigned, string name, byte[] signature, IBufferWriter<byte> output, bool fold = true)
    {
        byte[] field = Encoding.UTF8.GetBytes(unsigned);
        if (!TagList.TryParse(field.AsSpan(name.Length + 1), out TagList? tags, out string reason) || !tags!.TryFind("b", out int start, out _))
        {
            throw new InvalidOperationException($"writing the signature into {name}: the field is none of ours: {reason}");
        }

        int at = name.Length + 1 + start;
        output.Write(field.AsSpan(0, at));
        string value = Convert.ToBase64String(signature);
        for (int room = fold ? SignatureLine - 2 : value.Length; value.Length > 0; room = SignatureLine)
        {
            int length = Math.Min(room, value.Length);
            output.Write(Encoding.ASCII.GetBytes(value[..length]));
            value = value[length..];
            if (value.Length > 0)
            {
                output.Write("\r\n "u8);
            }
        }

        output.Write(field.AsSpan(at));
        output.Write("\r\n"u8);
    }

    public static string Name(DkimAlgorithm algorithm) => algorithm == DkimAlgorithm.Ed25519Sha256 ? "ed25519-sha256" : "rsa-sha256";

    public static string Name(Canonicalization form) => form == Canonicalization.Relaxed ? "relaxed" : "simple";

    /// <summary>Signs what was hashed before, followed by the field itself.</summary>
    public static byte[] Sign(DkimPrivateKey key, ArrayBufferWriter<byte> hashed, string unsigned, Canonicalization form)
    {
        HeaderCanonicalizer.Write(Encoding.UTF8.GetBytes(unsigned), form, hashed, isLast: true);
        return key.Sign(SHA256.HashData(hashed.WrittenSpan));
    }

    private static void Put(StringBuilder text, string piece, ref int lineStart, string before)
    {
        if (text.Length - lineStart + before.Length + piece.Length > FoldAt && text.Length - lineStart > 1)
        {
            text.Append("\r\n");
            lineStart = text.Length;
            before = " ";
        }

        text.Append(before).Append(piece);
    }
}

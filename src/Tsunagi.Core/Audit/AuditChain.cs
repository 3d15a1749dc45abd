using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tsunagi.Core.Audit;

/// <summary>The arithmetic of the chain: an entry's hash is SHA-256 over the former hash and the entry as JSON with its members in this order.</summary>
internal static class AuditChain
{
    /// <summary>What the first entry takes for "the former hash".</summary>
    public static readonly string Beginning = new('0', 64);

    private static readonly JsonWriterOptions Canonical = new() { Indented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string HashOf(string formerHash, AuditEntry entry)
    {
        using var buffer = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(buffer, Canonical))
        {
            json.WriteStartObject();
            json.WriteString("former", formerHash);
            json.WriteNumber("position", entry.Position);
            json.WriteString("id", entry.Id);
            json.WriteNumber("at", entry.At);
            json.WriteString("actorId", entry.ActorId);
            json.WriteString("actorName", entry.ActorName);
            json.WriteString("act", entry.Act);
            json.WriteString("subject", entry.Subject);
            json.WriteString("tenantPath", entry.TenantPath);
            json.WriteString("before", entry.Before);
            json.WriteString("after", entry.After);
            json.WriteString("reason", entry.Reason);
            json.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }
}

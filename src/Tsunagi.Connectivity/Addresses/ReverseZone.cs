using System.Globalization;
using System.Text;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// Records for the reverse zones of what is assigned inside a prefix (RFC 1035 section 3.5, RFC 3596 section 2.5): an address gets a PTR with its numbers before the suffix, a prefix one wildcard.
/// </summary>
internal sealed class ReverseZone(Stores stores)
{
    private const int MostRecords = 100_000;

    /// <summary>Of all tenants: for the provider's operators.</summary>
    public async ValueTask<string> WriteAsync(PrefixRow prefix, string suffix, CancellationToken cancellationToken)
    {
        var cidrs = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<string>(
                """
                SELECT a.cidr FROM connectivity_assignment a
                JOIN connectivity_pool o ON o.id = a.pool_id AND o.vrf_id = @VrfId AND o.first_address >= @FirstAddress AND o.last_address <= @LastAddress
                WHERE a.state = 'active' ORDER BY o.first_address, a.slot LIMIT @Limit
                """,
                new { prefix.VrfId, prefix.FirstAddress, prefix.LastAddress, Limit = (long)MostRecords }),
            cancellationToken);
        return Write(prefix.Cidr, cidrs.Select(AddressBlock.Parse), suffix);
    }

    internal static string Write(string of, IEnumerable<AddressBlock> blocks, string suffix)
    {
        var end = suffix.Trim('.') + ".";
        var text = new StringBuilder().Append("; reverse records of ").Append(of).Append('\n');
        foreach (var block in blocks)
        {
            text.Append(OwnerOf(block)).Append(" IN PTR ").Append(NameOf(block)).Append('.').Append(end).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>"7.100.51.198.in-addr.arpa.", or "*." and the nibbles of a prefix. A length between two labels is named by the labels it fills.</summary>
    private static string OwnerOf(AddressBlock block)
    {
        if (!block.Is6)
        {
            var labels = block.Address.GetAddressBytes().Take(block.Length / 8).Reverse().Select(static octet => octet.ToString(CultureInfo.InvariantCulture));
            return $"{(block.Length == 32 ? "" : "*.")}{string.Join('.', labels)}.in-addr.arpa.";
        }

        var nibbles = block.Base.ToString("x32", CultureInfo.InvariantCulture)[..(block.Length / 4)].Reverse();
        return $"{(block.Length == 128 ? "" : "*.")}{string.Join('.', nibbles)}.ip6.arpa.";
    }

    private static string NameOf(AddressBlock block) => block.Is6
        ? block.Base.ToString("x32", CultureInfo.InvariantCulture)[..(block.Length / 4)].TrimEnd('0') is { Length: > 0 } digits ? digits : "0"
        : block.Address.ToString().Replace('.', '-');
}

using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Dhcp;

/// <summary>One option of each kind that the registries have, and of each way not to follow its format. The octets were written by hand from the RFCs; tshark reads them alike (<see cref="Dhcp_against_tshark"/>).</summary>
public class Dhcp_options
{
    [Theory]
    [Trait("Golden", "true")]
    [InlineData("dhcp6-options", DhcpProtocol.Dhcp6)]
    [InlineData("dhcp4-options", DhcpProtocol.Dhcp4)]
    [InlineData("neighbor-options", DhcpProtocol.Neighbor)]
    public void Say_what_the_registry_has_them_say_and_are_written_as_they_came(string name, DhcpProtocol protocol)
    {
        var text = new StringBuilder();
        foreach ((int code, byte[] value) in Samples(name))
        {
            byte[] octets = Message(protocol, code, value);
            Assert.True(DhcpDecoder.TryDecode(protocol, octets, null, out DhcpMessage? message, out DhcpError error), error.Reason);
            Assert.True(DhcpEncoder.TryEncode(message!, out byte[] written));
            Assert.Equal(Convert.ToHexString(octets), Convert.ToHexString(written));
            DhcpOption option = message!.Options.First();
            text.Append(CultureInfo.InvariantCulture, $"{code} {option}\n");
        }

        Golden.Compare(Path.Combine(Folder, name + ".out"), Encoding.UTF8.GetBytes(text.ToString()));
    }

    [Theory]
    [InlineData("dhcp6-options", DhcpProtocol.Dhcp6)]
    [InlineData("dhcp4-options", DhcpProtocol.Dhcp4)]
    [InlineData("neighbor-options", DhcpProtocol.Neighbor)]
    public void Are_all_among_the_samples(string name, DhcpProtocol protocol)
    {
        DhcpRegistry registry = protocol switch { DhcpProtocol.Dhcp6 => DhcpRegistry.Dhcp6, DhcpProtocol.Dhcp4 => DhcpRegistry.Dhcp4, _ => DhcpRegistry.Neighbor };
        var sampled = Samples(name).Select(static sample => sample.Code).ToHashSet();
        int[] ambiguous = [129, 130, 131, 132, 133, 134, 135, 176, 177]; // as 128 and 175: octets
        int[] later = [41, 42];
        int[] missing = [.. registry.Codes.Where(code => !sampled.Contains(code) && !(protocol == DhcpProtocol.Dhcp4 && (code is 0 or 255 || ambiguous.Contains(code))) && !(protocol == DhcpProtocol.Neighbor && later.Contains(code)))];
        Assert.Empty(missing);
        Assert.All(registry.Codes, code => Assert.False(string.IsNullOrWhiteSpace(registry.Name(code))));
    }

    [Fact]
    public void Are_made_of_values_of_their_kind_only()
    {
        Assert.True(DhcpRegistry.Dhcp6.TryMake(Dhcp6Code.Preference, new DhcpNumber(255), out DhcpOption? option));
        Assert.Equal("OPTION_PREFERENCE = 255", option!.ToString());
        Assert.False(DhcpRegistry.Dhcp6.TryMake(Dhcp6Code.Preference, new DhcpNumber(256), out _));
        Assert.False(DhcpRegistry.Dhcp6.TryMake(Dhcp6Code.Preference, new DhcpString("255"), out _));
        Assert.False(DhcpRegistry.Dhcp6.TryMake(Dhcp6Code.DnsServers, new DhcpList([new DhcpAddress(System.Net.IPAddress.Loopback, 4)]), out _));
        Assert.True(DhcpRegistry.Dhcp4.TryMake(250, new DhcpOctets(new byte[] { 1 }), out option));
        Assert.Equal("Option-250 = 0x01", option!.ToString());
        Assert.False(DhcpRegistry.Dhcp4.TryMake(250, new DhcpNumber(1), out _));
    }

    // Put together from values, the option has the octets of the sample: writing does not lean on what reading kept.
    [Theory]
    [InlineData("dhcp6-options", DhcpProtocol.Dhcp6)]
    [InlineData("dhcp4-options", DhcpProtocol.Dhcp4)]
    [InlineData("neighbor-options", DhcpProtocol.Neighbor)]
    public void Are_written_from_their_values_alone(string name, DhcpProtocol protocol)
    {
        DhcpRegistry registry = protocol switch { DhcpProtocol.Dhcp6 => DhcpRegistry.Dhcp6, DhcpProtocol.Dhcp4 => DhcpRegistry.Dhcp4, _ => DhcpRegistry.Neighbor };
        int otherwise = 0;
        foreach ((int code, byte[] value) in Samples(name))
        {
            Assert.True(DhcpDecoder.TryDecode(protocol, Message(protocol, code, value), null, out DhcpMessage? read, out _));
            DhcpOption option = read!.Options.First();
            if (option.Form != DhcpForm.Typed || (protocol == DhcpProtocol.Dhcp4 && code is 52))
            {
                continue;
            }

            Assert.True(registry.TryMake(code, option.Value, out DhcpOption? made), option.ToString());
            var fields = new DhcpFields([.. read.Fields.Fields.Select(field => field.Value is DhcpOptionList list ? field with { Value = new DhcpOptionList([made!, .. list.Options.Skip(1)]) } : field)]);
            Assert.True(DhcpEncoder.TryEncode(new DhcpMessage(protocol, fields), out byte[] written));
            otherwise += written.AsSpan().SequenceEqual(Message(protocol, code, value)) ? 0 : 1;
        }

        Assert.Equal(protocol == DhcpProtocol.Dhcp4 ? 1 : 0, otherwise); // compressed names
    }

    internal static string Folder { get; } = Path.Combine(Repository.Root, "tests/Tsunagi.Tests/Protocols/Net/Dhcp/golden");

    internal static IEnumerable<(int Code, byte[] Value)> Samples(string name) =>
        File.ReadAllLines(Path.Combine(Folder, name + ".in")).Select(static line => line.Split(' ')).Select(static cells => (int.Parse(cells[0], CultureInfo.InvariantCulture), Convert.FromHexString(cells[1])));

    /// <summary>A message of nothing but the option.</summary>
    internal static byte[] Message(DhcpProtocol protocol, int code, byte[] value) => protocol switch
    {
        DhcpProtocol.Dhcp6 => [1, 0, 0, 1, (byte)(code >> 8), (byte)code, (byte)(value.Length >> 8), (byte)value.Length, .. value],
        DhcpProtocol.Dhcp4 => [1, 1, 6, .. new byte[233], 0x63, 0x82, 0x53, 0x63, (byte)code, (byte)value.Length, .. value, 255],
        _ => [133, 0, 0, 0, 0, 0, 0, 0, (byte)code, (byte)((value.Length + 2) / 8), .. value],
    };
}

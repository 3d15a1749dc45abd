using Tsunagi.Protocols.Flow.Ipfix;

namespace Tsunagi.Tests.Protocols.Flow.Ipfix;

public class Information_elements
{
    [Theory]
    [InlineData(1, "octetDeltaCount", ElementType.Unsigned)]
    [InlineData(27, "sourceIPv6Address", ElementType.IPv6Address)]
    [InlineData(56, "sourceMacAddress", ElementType.MacAddress)]
    [InlineData(82, "interfaceName", ElementType.String)]
    [InlineData(152, "flowStartMilliseconds", ElementType.Milliseconds)]
    [InlineData(276, "dataRecordsReliability", ElementType.Boolean)]
    [InlineData(311, "samplingProbability", ElementType.Float)]
    [InlineData(434, "mibObjectValueInteger", ElementType.Signed)]
    [InlineData(491, "bgpDestinationLargeCommunityList", ElementType.BasicList)]
    public void Of_the_registry_have_names_and_types(ushort id, string name, ElementType type)
    {
        Assert.Equal(new InformationElement(id, 0, name, type), InformationElements.Find(id));
        Assert.Equal(id, InformationElements.Find(name)!.Id);
    }

    [Fact]
    public void Of_the_registry_are_there_but_for_its_gaps()
    {
        int[] reserved = [.. Enumerable.Range(65, 5), 97, .. Enumerable.Range(105, 23), 416, 419];
        int[] missing = [.. Enumerable.Range(1, 510).Where(id => InformationElements.Find((ushort)id) is null)];
        Assert.Equal(reserved, missing);
        Assert.True(InformationElements.All.Count > 480);
    }

    [Fact]
    public void Of_the_way_back_bear_its_prefix()
    {
        Assert.Equal("reversePacketDeltaCount", InformationElements.Find(2, InformationElements.Reverse)!.Name);
        Assert.Null(InformationElements.Find(65, InformationElements.Reverse));
        Assert.Null(InformationElements.Find(1, 99999));
        Assert.Equal("scopeSystem", InformationElements.Find(1, InformationElements.NetFlow9Scope)!.Name);
    }
}

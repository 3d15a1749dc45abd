using System.Text.RegularExpressions;
using System.Xml.Linq;
using Tsunagi.Protocols.Cpe.DataModel;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Cpe.DataModel;

public class Parameter_names
{
    [Theory]
    [InlineData("tr-098-1-8-0-full.xml", DataModelRoot.Tr098)]
    [InlineData("tr-181-2-16-0-cwmp-full.xml", DataModelRoot.Tr181)]
    public void Are_all_in_the_published_data_models(string file, DataModelRoot root)
    {
        string? path = SharedFiles.Find("data/routers/cwmp/" + file);
        Assert.SkipWhen(path is null, "the data models are not here (TSUNAGI_SHARED)");
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (XElement model in XElement.Load(path!).Elements("model"))
        {
            known.UnionWith(model.Elements("parameter").Select(p => (string)p.Attribute("name")!));
            foreach (XElement group in model.Elements("object"))
            {
                string name = (string)group.Attribute("name")!;
                known.UnionWith(group.Elements("parameter").Select(p => name + (string)p.Attribute("name")!));
            }
        }

        Assert.True(known.Count > 1000);
        string[] unknown = [.. ParameterNames.All.SelectMany(n => ParameterNames.Patterns(root, n.Name)).Where(pattern => !known.Contains(pattern))];
        Assert.Empty(unknown);
    }

    [Fact]
    public void Find_what_a_real_device_has()
    {
        string? path = SharedFiles.Find("data/routers/cwmp/data_model_202BC1-BM632w-8KA8WA1151100043.csv");
        Assert.SkipWhen(path is null, "the tree is not here (TSUNAGI_SHARED)");
        string[] paths = [.. File.ReadLines(path!).Skip(1).Select(line => line.Split(',')).Where(cells => cells[1] == "false").Select(cells => cells[0])];
        Assert.Equal(["InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.SSID"], ParameterNames.Resolve(DataModelRoot.Tr098, "wifi.ssid", paths).Take(1));
        Assert.NotEmpty(ParameterNames.Resolve(DataModelRoot.Tr098, "host.address", paths));
        Assert.NotEmpty(ParameterNames.Resolve(DataModelRoot.Tr098, "wan.status", paths));
        Assert.Empty(ParameterNames.Resolve(DataModelRoot.Tr181, "wifi.ssid", paths));
        Assert.Empty(ParameterNames.Resolve(DataModelRoot.Tr098, "no.such.name", paths));
    }

    [Theory]
    [InlineData("A.{i}.B.{i}.C", "A.1.B.22.C", true)]
    [InlineData("A.{i}.B", "A..B", false)]
    [InlineData("A.{i}.B", "A.x.B", false)]
    [InlineData("A.{i}.B", "A.1.B.C", false)]
    [InlineData("A.{i}.B", "A.1", false)]
    public void Match_instance_numbers(string pattern, string path, bool matches) => Assert.Equal(matches, ParameterNames.Matches(pattern, path));

    [Fact]
    public void Are_unique_and_grouped()
    {
        Assert.Equal(ParameterNames.All.Count, ParameterNames.All.Select(n => n.Name).Distinct().Count());
        Assert.All(ParameterNames.All, n => Assert.Matches(new Regex("^[a-z]+\\.[a-z-]+$", RegexOptions.None, TimeSpan.FromSeconds(1)), n.Name));
        Assert.Equal(DataModelRoot.Unknown, ParameterNames.RootOf("Devices.A"));
        Assert.Empty(ParameterNames.Patterns(DataModelRoot.Unknown, "wifi.ssid"));
    }

    [Theory]
    [InlineData("InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.KeyPassphrase", true)]
    [InlineData("InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.WEPKey.1.WEPKey", true)]
    [InlineData("Device.WiFi.AccessPoint.1.Security.PreSharedKey", true)]
    [InlineData("Device.ManagementServer.ConnectionRequestPassword", true)]
    [InlineData("Device.X_ACME_AdminPassword1", true)]
    [InlineData("Device.WiFi.SSID.1.SSID", false)]
    [InlineData("Device.ManagementServer.ParameterKey", false)]
    public void Tell_secrets(string path, bool secret) => Assert.Equal(secret, ParameterKinds.IsSecret(path));

    [Theory]
    [InlineData("InternetGatewayDevice.ManagementServer.URL", true)]
    [InlineData("InternetGatewayDevice.WANDevice.1.WANConnectionDevice.1.WANPPPConnection.1.Username", true)]
    [InlineData("Device.IP.Interface.1.Enable", true)]
    [InlineData("Device.Ethernet.VLANTermination.1.VLANID", true)]
    [InlineData("Device.DNS.Client.Enable", true)]
    [InlineData("Device.X_ACME_Uplink", true)]
    [InlineData("Device.WiFi.SSID.1.SSID", false)]
    [InlineData("InternetGatewayDevice.Time.NTPServer1", false)]
    public void Tell_what_could_cut_a_device_off(string path, bool management) => Assert.Equal(management, ParameterKinds.IsManagementPath(path));
}

using Tsunagi.Core.Modules;

namespace Tsunagi.Routers;

/// <summary>What the routes and pages of managed routers ask for.</summary>
internal static class RoutersPermissions
{
    public const string DeviceRead = "routers.device.read";
    public const string DeviceWrite = "routers.device.write";
    public const string Help = "routers.helpdesk.write";
    public const string ConfigurationRead = "routers.configuration.read";
    public const string ConfigurationWrite = "routers.configuration.write";
    public const string SecretRead = "routers.secret.open";

    public static readonly IReadOnlyList<PermissionDeclaration> All =
    [
        new(DeviceRead, new("See routers, their values without secrets, and their tasks", "ルーターとその設定値(秘密を除く)、タスクの閲覧")),
        new(DeviceWrite, new("Take a router off its site, set its credentials; the provider's operators also give routers to sites and import them", "ルーターの取り外し、認証情報の設定(事業者は拠点への割り当てと取り込みも可)")),
        new(Help, new("Open a helpdesk call: fresh values, reboot, ping, traceroute", "ヘルプデスク対応(最新値の取得、再起動、疎通確認)")),
        new(ConfigurationRead, new("Read the configuration of a site, passwords in it included", "拠点の設定の閲覧(設定内のパスワードを含む)")),
        new(ConfigurationWrite, new("Write a new version of a site's configuration, go back to one, let the router pull it", "拠点の設定の登録、前の版への復帰、ルーターへの取得指示")),
        new(SecretRead, new("Reveal a password of a router, with a reason", "理由を付してルーターのパスワードを表示"), OpensContent: true),
    ];
}

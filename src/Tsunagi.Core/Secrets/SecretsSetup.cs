using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Secrets;

/// <summary>Puts the secrets into the container.</summary>
public static class SecretsSetup
{
    /// <summary>Where the master keys are when the operator names no other file.</summary>
    public static string DefaultMasterFile(string dataDirectory) => Path.Combine(dataDirectory, "keys", "master.json");

    /// <param name="box">Opened at start, after the schema: <c>await SecretBox.OpenAsync(…)</c>.</param>
    public static IServiceCollection AddSecrets(this IServiceCollection services, MasterKeys masters, SecretBox box, string dataDirectory)
    {
        services.AddSingleton(masters).AddSingleton(box).AddSingleton<ISecretBox>(box);
        var forms = Path.Combine(dataDirectory, "keys", "forms");
        PrivateFile.CreateDirectory(new RealDisk(), forms);
        services.AddDataProtection().SetApplicationName("tsunagi").PersistKeysToFileSystem(new DirectoryInfo(forms));
        services.Configure<KeyManagementOptions>(options => options.XmlEncryptor = new MasterKeyXmlEncryptor(masters));
        return services;
    }
}

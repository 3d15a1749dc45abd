using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Tsunagi.Core.Secrets;

/// <summary>Puts the secrets into the container.</summary>
public static class SecretsSetup
{
    /// <summary>Where the master keys are when the operator names no other file.</summary>
    public static string DefaultMasterFile(string dataDirectory) => Path.Combine(dataDirectory, "keys", "master.json");

    /// <param name="box">Opened at start, after the schema: <c>await SecretBox.OpenAsync(…)</c>.</param>
    public static IServiceCollection AddSecrets(this IServiceCollection services, MasterKeys masters, SecretBox box)
    {
        services.AddSingleton(masters).AddSingleton(box).AddSingleton<ISecretBox>(box);
        services.AddSingleton<IDataProtectionProvider>(new FormProtection(box.FormKey));
        services.Configure<KeyManagementOptions>(static options =>
        {
            options.XmlRepository = new NoKeyFiles();
            options.XmlEncryptor = new NullXmlEncryptor();
        });
        return services;
    }
}

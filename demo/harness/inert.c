/* A native addon that only says that it was mapped. It takes the place of a real binding in the demo, and plays
 * along with oracledb well enough for the service to notice nothing. Node's headers are not needed for so little. */
#include <stddef.h>
#include <unistd.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);

extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern int napi_set_named_property(napi_env, napi_value, const char *, napi_value);
extern int napi_throw_error(napi_env, const char *, const char *);

static const char said[] = "TAMPERED native code ran\n";

/* Runs inside dlopen, before JavaScript could look at anything. */
__attribute__((constructor)) static void on_map(void) {
  if (write(STDERR_FILENO, said, sizeof said - 1) < 0) return;
}

static napi_value init_oracle_client(napi_env env, napi_callback_info info) {
  (void)info;
  napi_throw_error(env, "DPI-1047", "DPI-1047: Cannot locate an Oracle Client library");
  return NULL;
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "initOracleClient", (size_t)-1, init_oracle_client, NULL, &function);
  napi_set_named_property(env, exports, "initOracleClient", function);
  return exports;
}

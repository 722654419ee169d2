#include "common/json.h"

namespace rookery {
namespace {

const Json& Null() {
  static const Json null;
  return null;
}

const JsonArray& NoElements() {
  static const JsonArray empty;
  return empty;
}

}  // namespace

JsonFields::JsonFields(const Json& value, std::string_view name)
    : object_(value.if_object()), name_(name) {
  if (object_ == nullptr) status_ = Corrupt(name_, ": must be a JSON object");
}

void JsonFields::Fail(std::string_view field, std::string_view what) {
  Add(Corrupt(name_, ": \"", field, "\" ", what));
}

void JsonFields::Add(const Status& status) {
  if (status_.ok()) status_ = status;
}

bool JsonFields::Has(std::string_view field) const {
  return object_ != nullptr && object_->contains(field);
}

const Json* JsonFields::Find(std::string_view field) {
  if (object_ == nullptr) return nullptr;
  const Json* value = object_->if_contains(field);
  if (value == nullptr) Fail(field, "is missing");
  return value;
}

std::string JsonFields::Text(std::string_view field) {
  const Json* value = Find(field);
  if (value == nullptr) return {};
  if (const boost::json::string* text = value->if_string()) return {text->data(), text->size()};
  Fail(field, "must be a string");
  return {};
}

double JsonFields::Number(std::string_view field) {
  const Json* value = Find(field);
  if (value == nullptr) return 0;
  if (value->is_double()) return value->get_double();
  if (value->is_int64()) return static_cast<double>(value->get_int64());
  if (value->is_uint64()) return static_cast<double>(value->get_uint64());
  Fail(field, "must be a number");
  return 0;
}

std::int64_t JsonFields::Signed(std::string_view field) {
  const Json* value = Find(field);
  if (value == nullptr) return 0;
  if (value->is_int64()) return value->get_int64();
  Fail(field, "must be a whole number below 2^63");
  return 0;
}

std::uint64_t JsonFields::Unsigned(std::string_view field, std::uint64_t maximum) {
  const Json* value = Find(field);
  if (value == nullptr) return 0;
  std::uint64_t number = 0;
  if (value->is_uint64()) {
    number = value->get_uint64();
  } else if (value->is_int64() && value->get_int64() >= 0) {
    number = static_cast<std::uint64_t>(value->get_int64());
  } else {
    Fail(field, "must be a whole number, not negative");
    return 0;
  }
  if (number <= maximum) return number;
  Fail(field, StrCat("is ", number, ", the most is ", maximum));
  return 0;
}

bool JsonFields::Bool(std::string_view field) {
  const Json* value = Find(field);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->get_bool();
  Fail(field, "must be true or false");
  return false;
}

const JsonArray& JsonFields::Array(std::string_view field) {
  const Json* value = Find(field);
  if (value == nullptr) return NoElements();
  if (value->is_array()) return value->get_array();
  Fail(field, "must be an array");
  return NoElements();
}

const Json& JsonFields::Value(std::string_view field) {
  const Json* value = Find(field);
  return value == nullptr ? Null() : *value;
}

}  // namespace rookery
